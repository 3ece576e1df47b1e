using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Runs;
using TorchSharp.Modules;

namespace Larr.Adapt;

/// <summary>Adaptation by adapters on a frozen model: IAK, and every other method but full fine-tuning.</summary>
static class AdapterTuning
{
    /// <summary>Trains them, chooses by the validation rows, saves what serves and predicts the test rows.</summary>
    internal static Adaptation Run(CtrModel model, CtrInputs inputs, AdaptConfig config, IReadOnlyList<DomainPart> domains, int[] test, StageContext context)
    {
        if (model.Hidden is null)
            throw new InputException("experiment", "ctr.backbone", $"{model.Config.Backbone}".ToLowerInvariant(), "one with hidden layers: adapters act on these");
        foreach (Parameter p in model.parameters()) p.requires_grad = false;
        IReadOnlyList<DomainPart>[] units = config.Method == AdaptMethod.PepNetGate && domains.Count > 0 ? [domains] : [.. domains.Select(d => (IReadOnlyList<DomainPart>)[d])];
        List<TrainedAdapter> trained = [];
        using var adapted = new AdaptedModel(model);
        foreach (IReadOnlyList<DomainPart> unit in units)
        {
            trained.Add(TrainedAdapter.Train(model, inputs, config, unit, context.Seed + trained.Count, context.Cancel));
            context.Report($"{config.Method} {string.Join(", ", unit.Select(d => d.Value))}", (double)trained.Count / units.Length);
        }
        IReadOnlyDictionary<string, int> epochs = EpochChoice.Of(inputs.Table, [.. trained.SelectMany(t => t.Curves)]);
        foreach (TrainedAdapter adapter in trained) adapter.Serve(adapted, epochs);
        var adaptation = new Adaptation(adapted.Predict(inputs, test), epochs, trained.Sum(t => t.Adapter.Parameters));
        adapted.Save(config, inputs.Table.Cardinality(AdaptedModel.DomainField(inputs.Table)), context.Folder);
        foreach (TrainedAdapter adapter in trained) adapter.Dispose();
        foreach (Parameter p in model.parameters()) p.requires_grad = true;
        return adaptation;
    }
}
