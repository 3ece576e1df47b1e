using Larr.Ctr;
using Larr.Ctr.Layers;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>Trains an adapter on the rows of its domains by the task's loss, the model itself frozen: IAK's second phase, matching, and the only one of other methods.</summary>
/// <param name="model">The frozen model.</param>
/// <param name="adapter">What is trained.</param>
/// <param name="config">Batches, step size, decay.</param>
/// <param name="train">Training rows of each of its domains.</param>
/// <param name="seed">Order of the batches.</param>
sealed class AdapterTraining(CtrModel model, HiddenAdapter adapter, AdaptConfig config, IReadOnlyList<DomainRows> train, int seed) : IDisposable
{
    readonly FusedAdamW _optimizer = ParameterGroups.AdamW(adapter, config.WeightDecay, .9, .999);
    readonly DomainBatches _batches = new(config, train, seed);

    public void Dispose() => _optimizer.Dispose();

    internal void Epoch(int epoch, CancellationToken cancel)
    {
        model.eval();
        adapter.train();
        foreach ((DomainRows domain, int[] rows) in _batches.Epoch(epoch))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            domain.Loss(model, adapter, rows).backward();
            _optimizer.Step(config.LearningRate);
            adapter.zero_grad();
        }
    }
}
