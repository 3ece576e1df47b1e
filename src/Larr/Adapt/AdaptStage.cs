using System.Diagnostics;
using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;
using TorchSharp.Modules;

namespace Larr.Adapt;

/// <summary>
/// Trains kernels per domain on a frozen click model (IAK, arXiv 2501.14268) and compares them with the frozen model and with full fine-tuning. Writes
/// the kernels (<see cref="AdaptedModel"/>), <c>report.json</c>, and predictions of the test rows in table order: <c>test-click.f32</c> of the adapted model,
/// <c>test-click-frozen.f32</c>, <c>test-click-fine-tuned.f32</c>, and the same for <c>test-ctcvr</c> where there are conversions.
/// </summary>
public static class AdaptStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 3;

    /// <summary>Runs the stage.</summary>
    /// <param name="config">Kernels and their training.</param>
    /// <param name="table">The impressions that the model was trained on.</param>
    /// <param name="ctrFolder">Folder of a <see cref="CtrStage"/>.</param>
    /// <param name="vectors">Vectors of the scene values; unused by a model without a scene.</param>
    /// <param name="context">Where to write, seed, progress.</param>
    /// <param name="fieldVectors">Vectors of the embedding fields; null where the table has none.</param>
    public static AdaptReport Run(AdaptConfig config, ImpressionTable table, string ctrFolder, SceneVectors? vectors, StageContext context, FieldVectors? fieldVectors = null)
    {
        string field = AdaptedModel.DomainField(table);
        using CtrModel model = CtrModelFolder.Load(ctrFolder, table, vectors, fieldVectors: fieldVectors);
        if (model.Config.Backbone is BackboneKind.Lr or BackboneKind.Fm)
            throw new InputException("experiment", "ctr.backbone", $"{model.Config.Backbone}".ToLowerInvariant(), "one with hidden layers: kernels act on these");
        var inputs = new CtrInputs(table, model.Config, model.Map, model.Scene is null ? null : vectors, fieldVectors: fieldVectors);
        var domains = new DomainParts(table, field);

        using var adapted = new AdaptedModel(model);
        long start = Stopwatch.GetTimestamp();
        KernelOutcome?[] outcomes = TrainKernels(config, table, model, inputs, domains, adapted, context);
        double kernelSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        int[] test = table.RowsOf(Part.Test);
        CtrPredictions iak = adapted.Predict(inputs, test);
        using var none = new AdaptedModel(model);
        CtrPredictions frozen = none.Predict(inputs, test);
        start = Stopwatch.GetTimestamp();
        CtrPredictions? tuned = config.FineTuneEpochs == 0 ? null : FineTune(config, model, inputs, domains, frozen, context);
        double tuneSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        CtrMetrics Metrics(CtrPredictions all, int[] at) => CtrMetrics.Of(table, [.. at.Select(i => test[i])], all.Pick(at));
        var report = new AdaptReport(
            CtrMetrics.Of(table, test, frozen),
            tuned is null ? null : CtrMetrics.Of(table, test, tuned),
            CtrMetrics.Of(table, test, iak),
            [.. domains.All.Select((d, i) => new DomainReport(
                d.Value, d.Train.Length, d.Validation.Length, d.Test.Length, outcomes[i], adapted.Kernels.ContainsKey(d.Value),
                Metrics(frozen, d.TestPositions), tuned is null ? null : Metrics(tuned, d.TestPositions), Metrics(iak, d.TestPositions)))],
            adapted.Kernels.Count,
            adapted.Kernels.Values.FirstOrDefault()?.Parameters ?? 0,
            model.TrainableParameters,
            kernelSeconds,
            tuned is null ? 0 : tuneSeconds,
            CtrSlices.Of(table, test, iak));
        adapted.Save(config, context.Folder);
        Write(context, "", iak);
        Write(context, "-frozen", frozen);
        if (tuned is not null) Write(context, "-fine-tuned", tuned);
        context.WriteReport(report);
        return report;
    }

    static KernelOutcome?[] TrainKernels(
        AdaptConfig config, ImpressionTable table, CtrModel model, CtrInputs inputs, DomainParts domains, AdaptedModel adapted, StageContext context)
    {
        var outcomes = new KernelOutcome?[domains.All.Count];
        foreach (Parameter p in model.parameters()) p.requires_grad = false;
        for (int i = 0; i < outcomes.Length; i++)
        {
            DomainPart domain = domains.All[i];
            if (domain.Train.Length < config.MinRows || domain.Validation.Length == 0) continue;
            int seed = context.Seed + i;
            var kernels = new DomainKernels(config, model, seed);
            using var train = new DomainRows(model, inputs, domain.Train);
            using var validation = new DomainRows(model, inputs, domain.Validation);
            using var training = new KernelTraining(model, kernels, config, table, train, validation, seed);
            KernelOutcome outcome = outcomes[i] = training.Run(context.Cancel);
            if (outcome.BestEpoch > 0) adapted.Activate(domain.Value, kernels);
            else kernels.Dispose();
            context.Report($"kernel {domain.Value}: validation AUC {outcome.FrozenAuc:f4} → {outcome.BestAuc:f4}", (i + 1.0) / outcomes.Length);
        }
        foreach (Parameter p in model.parameters()) p.requires_grad = true;
        return outcomes;
    }

    static CtrPredictions FineTune(AdaptConfig config, CtrModel model, CtrInputs inputs, DomainParts domains, CtrPredictions frozen, StageContext context)
    {
        var tuned = new CtrPredictions([.. frozen.Click], [.. frozen.Conversion]);
        foreach (DomainPart d in domains.All)
        {
            if (d.Train.Length < config.MinRows || d.Validation.Length == 0) continue;
            tuned.Place(d.TestPositions, FineTuning.Predict(model, inputs, config, d.Train, d.Validation, d.Test, context));
            context.Report($"fine-tuned {d.Value}");
        }
        return tuned;
    }

    static void Write(StageContext context, string name, CtrPredictions predictions)
    {
        ColumnFile<float>.Write(context.File($"test-click{name}.f32"), predictions.Click);
        if (predictions.Conversion.Length > 0) ColumnFile<float>.Write(context.File($"test-ctcvr{name}.f32"), predictions.Conversion);
    }
}
