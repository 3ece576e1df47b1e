using System.Diagnostics;
using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;

namespace Larr.Adapt;

/// <summary>
/// Adapts a trained click model to domains: adaptive kernels on the frozen model (IAK, arXiv 2501.14268), or another method in their place. Writes
/// the adapters (<see cref="AdaptedModel"/>), <c>report.json</c>, and predictions of the test rows in table order: <c>test-click.f32</c> of the adapted model,
/// <c>test-click-frozen.f32</c>, and the same for <c>test-ctcvr</c> where there are conversions.
/// </summary>
public static class AdaptStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 7;

    /// <summary>Runs the stage.</summary>
    /// <param name="config">Method and its training.</param>
    /// <param name="table">The impressions that the model was trained on.</param>
    /// <param name="ctrFolder">Folder of a <see cref="CtrStage"/>.</param>
    /// <param name="vectors">Vectors of the scene values; unused by a model without a scene.</param>
    /// <param name="context">Where to write, seed, progress.</param>
    /// <param name="fieldVectors">Vectors of the embedding fields; null where the table has none.</param>
    /// <param name="texts">Text vectors of items and users; null for a model without them.</param>
    public static AdaptReport Run(
        AdaptConfig config, ImpressionTable table, string ctrFolder, SceneVectors? vectors, StageContext context, FieldVectors? fieldVectors = null, TextFeatures? texts = null)
    {
        var domains = new DomainParts(table, AdaptedModel.DomainField(table));
        DomainPart[] large = [.. domains.All.Where(d => d.Train.Length >= config.MinRows && d.Validation.Length > 0)];
        using CtrModel model = CtrModelFolder.Load(ctrFolder, table, vectors, texts, fieldVectors);
        var inputs = new CtrInputs(table, model.Config, model.Map, model.Scene is null ? null : vectors, texts, fieldVectors);
        int[] test = table.RowsOf(Part.Test);
        using var none = new AdaptedModel(model);
        CtrPredictions frozen = none.Predict(inputs, test);

        long start = Stopwatch.GetTimestamp();
        Adaptation adapted = config.Method switch
        {
            AdaptMethod.Frozen => new Adaptation(frozen, new Dictionary<string, int>(), 0),
            AdaptMethod.FineTuning => FineTuning.Run(model, inputs, config, large, frozen, context),
            _ => AdapterTuning.Run(model, inputs, config, large, test, context),
        };
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        CtrMetrics Metrics(CtrPredictions all, int[] at) => CtrMetrics.Of(table, [.. at.Select(i => test[i])], all.Pick(at));
        var report = new AdaptReport(
            CtrMetrics.Of(table, test, frozen),
            CtrMetrics.Of(table, test, adapted.Test),
            [.. domains.All.Select(d => new DomainReport(
                d.Value, d.Train.Length, d.Validation.Length, d.Test.Length, adapted.Epochs.TryGetValue(d.Value, out int epoch) ? epoch : null,
                Metrics(frozen, d.TestPositions), Metrics(adapted.Test, d.TestPositions)))],
            adapted.Epochs.Values.Count(e => e > 0),
            adapted.Parameters,
            seconds,
            CtrSlices.Of(table, test, adapted.Test));
        Write(context, "", adapted.Test);
        Write(context, "-frozen", frozen);
        context.WriteReport(report);
        return report;
    }

    static void Write(StageContext context, string name, CtrPredictions predictions)
    {
        ColumnFile<float>.Write(context.File($"test-click{name}.f32"), predictions.Click);
        if (predictions.Conversion.Length > 0) ColumnFile<float>.Write(context.File($"test-ctcvr{name}.f32"), predictions.Conversion);
    }
}
