using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Features;
using Larr.Runs;

namespace Larr.Adapt;

/// <summary>The baseline of adaptation: a copy of the whole model per domain, embeddings included, trained on with the domain's rows.</summary>
static class FineTuning
{
    /// <summary>Fine-tunes domain after domain, chooses by the validation rows, and leaves the model as it was. The copies are not kept.</summary>
    internal static Adaptation Run(CtrModel model, CtrInputs inputs, AdaptConfig config, IReadOnlyList<DomainPart> domains, CtrPredictions frozen, StageContext context)
    {
        CtrConfig tuning = model.Config with
        {
            LearningRate = config.FineTuneLearningRate,
            Epochs = config.FineTuneEpochs,
            Patience = int.MaxValue,
            BatchSize = config.BatchSize,
            // Validation rows of one class are a small domain's lot; the epoch is chosen by log loss below.
            Monitor = new Dictionary<MonitoredMetric, double> { [MonitoredMetric.LogLoss] = -1 },
            PlateauFactor = 1,
        };
        var quiet = context with { Progress = new Progress<StageProgress>() };
        using var own = new BestWeights(model, model.Embeddings);
        own.Keep();
        List<DomainCurve> curves = [];
        List<List<CtrPredictions>> test = [];
        foreach (DomainPart domain in domains)
        {
            var curve = new DomainCurve(domain, []);
            var predictions = new List<CtrPredictions>();
            new CtrFit(model, inputs, domain.Train, domain.Validation, afterEpoch: () =>
            {
                curve.Validation.Add(CtrPredictions.Of(model, inputs, domain.Validation));
                predictions.Add(CtrPredictions.Of(model, inputs, domain.Test));
            }).Run(tuning, context.Seed, fromHere: true, quiet);
            own.Restore();
            curves.Add(curve);
            test.Add(predictions);
            context.Report($"fine-tuned {domain.Value}", (double)curves.Count / domains.Count);
        }
        IReadOnlyDictionary<string, int> epochs = EpochChoice.Of(inputs.Table, curves);
        var tuned = new CtrPredictions([.. frozen.Click], [.. frozen.Conversion]);
        foreach ((DomainPart domain, List<CtrPredictions> predictions) in domains.Zip(test))
            if (epochs[domain.Value] > 0) tuned.Place(domain.TestPositions, predictions[epochs[domain.Value]]);
        return new Adaptation(tuned, epochs, domains.Count * model.TrainableParameters);
    }
}
