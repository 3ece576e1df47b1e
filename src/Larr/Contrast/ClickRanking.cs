using System.Numerics.Tensors;
using Larr.Data;
using Larr.Stats;

namespace Larr.Contrast;

/// <summary>
/// Do vectors alone, without a click model, rank what was clicked above what was not? Retrieval among all items asks for something else: who sees what.
/// </summary>
/// <param name="Impressions">Validation impressions that were ranked.</param>
/// <param name="SceneAuc">AUC of the mean cosine of an item with the scene's values; null without a scene or with labels of one kind.</param>
/// <param name="UserAuc">AUC of the cosine of an item with the user's profile; null without users or with labels of one kind.</param>
public sealed record ClickRanking(int Impressions, double? SceneAuc, double? UserAuc);

/// <summary>A sample of the validation impressions as texts, to be ranked.</summary>
/// <remarks>Vectors are centred on the mean of their column's distinct texts before a cosine is taken, as a click model's inputs are.</remarks>
sealed class RankedImpressions
{
    readonly byte[] _labels;
    readonly int[] _items;
    readonly int[]? _users;
    readonly int[][] _scene;

    RankedImpressions(byte[] labels, int[] items, int[]? users, int[][] scene) => (_labels, _items, _users, _scene) = (labels, items, users, scene);

    /// <summary>Every text of the sample, by its number in the source's pool.</summary>
    public IEnumerable<int> Texts => _scene.Append(_items).Append(_users ?? []).SelectMany(t => t).Distinct();

    /// <summary>At most <see cref="ContrastConfig.MaxImpressions"/> validation impressions whose item, and user where there are users, have a text.</summary>
    public static RankedImpressions Of(PairSource source)
    {
        ImpressionTable table = source.Table;
        int[] itemOf = table.Codes(table.Find(FieldRole.Item)!.Name).ToArray();
        int[]? userOf = table.Find(FieldRole.User) is { } user ? table.Codes(user.Name).ToArray() : null;
        int[] rows = [.. table.RowsOf(Part.Validation).Where(r => source.ItemTextOf(itemOf[r]) is not null && (userOf is null || source.UserTextOf(userOf[r]) is not null))];
        new Random(source.Seed).Shuffle(rows);
        rows = [.. rows.Take(source.Config.MaxImpressions).Order()];
        return new(
            Columns.Pick(table.Labels, rows),
            [.. rows.Select(r => source.Pool.Add(source.ItemTextOf(itemOf[r])!))],
            userOf is null ? null : [.. rows.Select(r => source.Pool.Add(source.UserTextOf(userOf[r])!))],
            [.. source.Scenes.Fields.Select(field =>
                Columns.Pick(table.Codes(field.Name), rows).Select(code => source.Pool.Add(source.Scenes.Value(field, code))).ToArray())]);
    }

    /// <summary>Ranks by the vectors of texts.</summary>
    public ClickRanking Measure(Func<int, float[]> vector)
    {
        Dictionary<int, float[]> items = Centred(_items, vector);
        float[] Cosines(int[] texts)
        {
            Dictionary<int, float[]> lefts = Centred(texts, vector);
            return [.. texts.Zip(_items, (left, item) => TensorPrimitives.Dot<float>(lefts[left], items[item]))];
        }
        float[] scene = new float[_labels.Length];
        foreach (int[] texts in _scene) TensorPrimitives.Add(scene, Cosines(texts), scene);
        return new(_labels.Length, _scene.Length == 0 ? null : Rank(scene), _users is null ? null : Rank(Cosines(_users)));
    }

    double? Rank(float[] scores) => _labels.Distinct().Count() < 2 ? null : Auc.Compute(scores, _labels);

    static Dictionary<int, float[]> Centred(int[] texts, Func<int, float[]> vector)
    {
        Dictionary<int, float[]> centred = texts.Distinct().ToDictionary(t => t, t => (float[])vector(t).Clone());
        CentredVectors.Make(centred.Values);
        return centred;
    }
}
