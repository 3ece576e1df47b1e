using Larr.Data;
using Larr.Features;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// LARR stage 3 on its own: the aggregation encoder is trained beside a small collaborative model (<see cref="TwoTower"/>), with the text vectors frozen.
/// Writes the aggregator (<see cref="SceneArtefact"/>), <c>item-embeddings.safetensors</c> (<c>items</c> [items, d]) with
/// <c>item-embeddings.values</c> (the item of each row), and <c>report.json</c>.
/// </summary>
public static class AlignStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 6;

    const int DefaultDimension = 16;

    /// <summary>Runs the stage.</summary>
    /// <exception cref="InputException">The configuration has no scene, or the training part is empty.</exception>
    public static AlignReport Run(AlignConfig config, ImpressionTable table, SceneVectors vectors, StageContext context)
    {
        config.Validate();
        if (config.Scene == SceneAggregation.None) throw new InputException("experiment", "align.scene", "none", "a way to aggregate");
        int[] train = table.RowsOf(Part.Train), validation = table.RowsOf(Part.Validation);
        if (train.Length == 0) throw new InputException("impressions", "the training part is empty");
        string[] fields = [table.Find(FieldRole.Item)!.Name, .. table.FindAll(FieldRole.User).Select(f => f.Name)];
        if (config.Signal != CollaborativeSignal.Item && fields.Length == 1)
            throw new InputException("experiment", "align.signal", $"{config.Signal}", "item, or a field of the role user");
        FeatureMap map = FeatureMap.Build(table, fields, config.MinCount);
        int dimension = config.Dimension ?? DefaultDimension;
        var embeddings = new EmbeddingTable(map.Size, dimension, .05f, context.Seed, map.Unknown);
        using var model = new TwoTower(config, vectors, dimension, context.Seed);

        var training = new AlignTraining(config, table, vectors, model, map, embeddings);
        (double? positiveBefore, double? negativeBefore) = training.MeanCosines(validation);
        IReadOnlyList<AlignEpoch> curve = training.Run(train, validation, context);
        (double? positive, double? negative) = training.MeanCosines(validation);
        var report = new AlignReport(curve.Max(e => e.ValidationAuc), positive, negative, positiveBefore, negativeBefore, training.DistinctScenes, curve);

        SceneArtefact.Write(context.Folder, config, vectors, dimension, model.scene);
        SaveItems(table.Values(fields[0]), map, embeddings, context);
        context.WriteReport(report);
        return report;
    }

    // The items that have a row; with hashed ones several may have the same.
    static void SaveItems(IReadOnlyList<string> values, FeatureMap map, EmbeddingTable embeddings, StageContext context)
    {
        int[] known = [.. Enumerable.Range(0, values.Count).Where(code => map.Ids(0)[code] != map.Unknown[0])];
        using Tensor items = tensor(known.SelectMany(code => embeddings.Row(map.Ids(0)[code]).ToArray()).ToArray()).view(known.Length, embeddings.Dimension);
        NamedWeights.Write(context.File("item-embeddings.safetensors"), [("items", items)]);
        StringFile.Write(context.File("item-embeddings.values"), [.. known.Select(code => values[code])]);
    }
}
