using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Features;

namespace Larr.Adapt;

/// <summary>An adapter after its training: of one domain, or of all where a method has one network. It can go back to every epoch.</summary>
sealed class TrainedAdapter : IDisposable
{
    readonly List<BestWeights> _epochs = [];
    bool _served;

    TrainedAdapter(HiddenAdapter adapter, IReadOnlyList<DomainPart> domains)
    {
        Adapter = adapter;
        Curves = [.. domains.Select(d => new DomainCurve(d, []))];
    }

    /// <summary>The adapter.</summary>
    internal HiddenAdapter Adapter { get; }

    /// <summary>The curve of each of its domains.</summary>
    internal IReadOnlyList<DomainCurve> Curves { get; }

    /// <summary>Trains an adapter on the rows of <paramref name="domains"/>.</summary>
    internal static TrainedAdapter Train(CtrModel model, CtrInputs inputs, AdaptConfig config, IReadOnlyList<DomainPart> domains, int seed, CancellationToken cancel)
    {
        HiddenAdapter adapter = DomainAdapters.Create(config, model.Hidden!, inputs.Table.Cardinality(AdaptedModel.DomainField(inputs.Table)), seed);
        var trained = new TrainedAdapter(adapter, domains);
        DomainRows[] train = [.. domains.Select(d => new DomainRows(model, inputs, d.Code, d.Train))];
        DomainRows[] validation = [.. domains.Select(d => new DomainRows(model, inputs, d.Code, d.Validation))];
        trained.Keep(model, validation);
        if (config.Method == AdaptMethod.Iak) Compression.Run(model, adapter, config, train[0], seed, cancel);
        using (var training = new AdapterTraining(model, adapter, config, train, seed))
        {
            for (int epoch = 1; epoch <= config.MatchingEpochs; epoch++)
            {
                training.Epoch(epoch, cancel);
                trained.Keep(model, validation);
            }
        }
        foreach (DomainRows rows in train.Concat(validation)) rows.Dispose();
        return trained;
    }

    /// <summary>Serves its domains as was chosen.</summary>
    /// <param name="adapted">What serves them; it takes the adapter over.</param>
    /// <param name="epochs">Epoch of each domain, by value; 0 leaves it to the pre-trained model.</param>
    internal void Serve(AdaptedModel adapted, IReadOnlyDictionary<string, int> epochs)
    {
        foreach (DomainPart domain in Curves.Select(c => c.Domain).Where(d => epochs[d.Value] > 0))
        {
            _epochs[epochs[domain.Value]].Restore();
            adapted.Activate(domain.Value, Adapter, domain.Code);
            _served = true;
        }
    }

    public void Dispose()
    {
        foreach (BestWeights weights in _epochs) weights.Dispose();
        if (!_served) Adapter.Dispose();
    }

    void Keep(CtrModel model, DomainRows[] validation)
    {
        var weights = new BestWeights(Adapter);
        weights.Keep();
        _epochs.Add(weights);
        for (int d = 0; d < validation.Length; d++) Curves[d].Validation.Add(validation[d].Predict(model, Adapter));
    }
}
