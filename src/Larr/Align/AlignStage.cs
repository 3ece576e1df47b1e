using Larr.Data;
using Larr.Features;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// LARR stage 3 on its own: the aggregation encoder is trained beside a small collaborative model (<see cref="TwoTower"/>), with the text vectors frozen.
/// Writes the aggregator (<see cref="SceneArtefact"/>), <c>item-embeddings.safetensors</c> (<c>items</c> [known items, d]) with
/// <c>item-embeddings.values</c> (the item of each row), and <c>report.json</c>.
/// </summary>
public static class AlignStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 5;

    /// <summary>Runs the stage.</summary>
    /// <exception cref="InputException">The configuration has no scene, or the training part is empty.</exception>
    public static AlignReport Run(AlignConfig config, ImpressionTable table, SceneVectors vectors, StageContext context)
    {
        if (config.Scene == SceneAggregation.None) throw new InputException("experiment", "align.scene", "none", "a way to aggregate");
        int[] train = table.RowsOf(Part.Train), validation = table.RowsOf(Part.Validation);
        if (train.Length == 0) throw new InputException("impressions", "the training part is empty");
        string[] fields = [table.Find(FieldRole.Item)!.Name, .. table.FindAll(FieldRole.User).Select(f => f.Name)];
        if (config.Signal != CollaborativeSignal.Item && fields.Length == 1)
            throw new InputException("experiment", "align.signal", $"{config.Signal}", "item, or a field of the role user");
        FeatureMap map = FeatureMap.Build(table, fields, config.MinCount);
        var embeddings = new EmbeddingTable(map.Size, config.Dimension, .05f, context.Seed, map.Unknown);
        using var model = new TwoTower(config, vectors, context.Seed);

        var training = new AlignTraining(config, table, vectors, model, map, embeddings);
        (double? positiveBefore, double? negativeBefore) = training.MeanCosines(validation);
        IReadOnlyList<AlignEpoch> curve = training.Run(train, validation, context);
        (double? positive, double? negative) = training.MeanCosines(validation);
        var report = new AlignReport(curve.Max(e => e.ValidationAuc), positive, negative, positiveBefore, negativeBefore, training.DistinctScenes, curve);

        SceneArtefact.Write(context.Folder, config, vectors, config.Dimension, model.scene);
        SaveItems(map, embeddings, context);
        context.WriteReport(report);
        return report;
    }

    static void SaveItems(FeatureMap map, EmbeddingTable embeddings, StageContext context)
    {
        int count = map.Known(0).Count, d = embeddings.Dimension;
        using Tensor items = tensor(embeddings.Weights.AsSpan(d, count * d).ToArray()).view(count, d);
        NamedWeights.Write(context.File("item-embeddings.safetensors"), [("items", items)]);
        StringFile.Write(context.File("item-embeddings.values"), [.. map.Known(0)]);
    }
}
