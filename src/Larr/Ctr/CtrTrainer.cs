using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using Larr.Train;

namespace Larr.Ctr;

/// <summary>Trains a click model on the training part, stops by the validation part, and predicts the test part once.</summary>
public static class CtrTrainer
{
    /// <summary>Loss = BCE of clicks (+ BCE of conversions over all impressions) + λ · alignment.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="config">The model and its training.</param>
    /// <param name="align">Aggregation of the scene and weight of the alignment.</param>
    /// <param name="vectors">Vectors of the scene values; unused where <paramref name="align"/> has no scene.</param>
    /// <param name="seed">Initial weights, dropout and order of the rows.</param>
    /// <param name="alignFolder">Folder of an <see cref="AlignStage"/> to start the scene encoder from; null to start anew.</param>
    /// <param name="context">Whom to tell and when to stop; nothing is written here.</param>
    /// <param name="checkpoints">Folder for checkpoints that an interrupted training goes on from; null for none.</param>
    /// <param name="texts">Text vectors of items and users as further features; null for none.</param>
    /// <param name="fieldVectors">Vectors of the embedding fields; null where the table has none.</param>
    public static CtrRun Train(
        ImpressionTable table, CtrConfig config, AlignConfig align, SceneVectors? vectors, int seed, string? alignFolder, StageContext context, string? checkpoints = null,
        TextFeatures? texts = null, FieldVectors? fieldVectors = null)
    {
        config.Validate();
        align.Validate();
        if (align.Scene == SceneAggregation.None) vectors = null;
        int[] train = table.RowsOf(Part.Train), validation = table.RowsOf(Part.Validation), test = table.RowsOf(Part.Test);
        if (train.Length == 0) throw new InputException("impressions", "the training part is empty");

        FeatureMap map = FeatureMap.Build(table, CtrInputs.FieldsOf(table, config), config.MinCount);
        if (map.Fields.Count == 0) throw new InputException("experiment", "ctr", "no field of one value for the click model", "ctr.useItemId, or a field of the role feature, number or scene");
        var model = new CtrModel(config, align, map, table, vectors, seed, texts, fieldVectors);
        if (alignFolder is not null && model.Scene is not null)
            NamedWeights.Read(Path.Combine(alignFolder, SceneArtefact.WeightsFile), model.Scene);
        var inputs = new CtrInputs(table, config, map, vectors, texts, fieldVectors);
        IReadOnlyList<CtrEpoch> curve = new CtrFit(model, inputs, train, validation).Run(config, seed, fromHere: false, context, checkpoints);

        CtrPredictions predictions = CtrPredictions.Of(model, inputs, test);
        var report = new CtrReport(
            CtrMetrics.Of(table, validation, CtrPredictions.Of(model, inputs, validation)),
            CtrMetrics.Of(table, test, predictions),
            curve,
            train.Length,
            inputs.DistinctScenes,
            model.TrainableParameters,
            train.Length * (double)curve.Count / curve.Sum(e => e.Seconds),
            CtrSlices.Of(table, test, predictions),
            map.UnseenShare(test),
            fieldVectors?.Missing(table));
        return new CtrRun(model, curve, test, predictions, report);
    }
}
