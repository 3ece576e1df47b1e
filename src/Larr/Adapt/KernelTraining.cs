using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>What training the kernels of one domain gave.</summary>
/// <param name="CompressedAuc">Validation AUC through z alone after the first phase.</param>
/// <param name="FrozenAuc">Validation AUC of the pre-trained model.</param>
/// <param name="BestAuc">Validation AUC of the best epoch of the second phase, or of the pre-trained model where none was better.</param>
/// <param name="BestEpoch">The epoch kept; 0: none was better, and the domain keeps the pre-trained model.</param>
public sealed record KernelOutcome(double? CompressedAuc, double? FrozenAuc, double? BestAuc, int BestEpoch);

/// <summary>
/// The two phases of IAK for one domain. Compression: the task is solved through z alone, a passing readout of z taking h's place, plus β·KL. Matching:
/// the encoder is fixed, and the kernel's decoder, from zero, learns what to add to h.
/// </summary>
sealed class KernelTraining(CtrModel model, DomainKernels kernels, AdaptConfig config, ImpressionTable table, DomainRows train, DomainRows validation, int seed) : IDisposable
{
    readonly Generator _noise = new((ulong)seed);
    readonly Batches _batches = new(
        [.. Enumerable.Range(0, train.Rows.Length)],
        Math.Clamp(train.Rows.Length / config.StepsPerEpoch, Math.Min(64, config.BatchSize), config.BatchSize), seed);

    public void Dispose() => _noise.Dispose();

    internal KernelOutcome Run(CancellationToken cancel)
    {
        double? compressed = Compress(cancel);
        CtrMetrics frozen = Metrics(null);
        (double? best, int bestEpoch) = (frozen.Auc, 0);
        var stopping = new EarlyStopping(config.Patience);
        stopping.Improves(frozen.Score(model.Config.Monitor));
        using var kept = new BestWeights(kernels);
        kept.Keep();
        using optim.Optimizer optimizer = optim.Adam(kernels.Decoders(), config.LearningRate);
        for (int epoch = 1; epoch <= config.MatchingEpochs && !stopping.Stop; epoch++)
        {
            foreach (ReadOnlyMemory<int> rows in _batches.Epoch(config.CompressionEpochs + epoch))
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                Loss(rows, (layer, h) => kernels.At(layer) is { } kernel ? kernel.Match(h, Compressed(kernel, h)) : h).backward();
                optimizer.step();
                kernels.zero_grad();
            }
            CtrMetrics metrics = Metrics(kernels.Serve);
            if (!stopping.Improves(metrics.Score(model.Config.Monitor))) continue;
            (best, bestEpoch) = (metrics.Auc, epoch);
            kept.Keep();
        }
        kept.Restore();
        return new KernelOutcome(compressed, frozen.Auc, best, bestEpoch);
    }

    double? Compress(CancellationToken cancel)
    {
        using ModuleList<KernelMlp> readouts = kernels.Readouts(config, _noise);
        using optim.Optimizer optimizer = optim.Adam([.. kernels.Encoders(), .. readouts.parameters()], config.LearningRate);
        for (int epoch = 1; epoch <= config.CompressionEpochs; epoch++)
        {
            foreach (ReadOnlyMemory<int> rows in _batches.Epoch(epoch))
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                Tensor divergence = zeros(1);
                Tensor loss = Loss(rows, (layer, h) =>
                {
                    if (kernels.At(layer) is not { } kernel) return h;
                    Posterior posterior = kernel.Encode(h);
                    // The transform runs within the model's own scope; this leaves it.
                    divergence = (divergence + posterior.Divergence()).MoveToOtherDisposeScope(scope);
                    return readouts[kernels.Index(layer)].forward(posterior.Sample(_noise));
                });
                (loss + config.Beta * divergence.sum()).backward();
                optimizer.step();
                kernels.zero_grad();
                readouts.zero_grad();
            }
        }
        return Metrics((layer, h) => kernels.At(layer) is { } kernel ? readouts[kernels.Index(layer)].forward(kernel.Encode(h).Mean) : h).Auc;
    }

    Tensor Compressed(IakKernel kernel, Tensor h)
    {
        using var grad = no_grad();
        return kernel.Encode(h).Sample(_noise);
    }

    Tensor Loss(ReadOnlyMemory<int> rows, HiddenTransform transform)
    {
        Tensor at = tensor(rows.ToArray(), dtype: ScalarType.Int64);
        return EntireSpace.Loss(
            model.Logits(train.Input.index_select(0, at), transform), train.Clicks.index_select(0, at), train.Conversions?.index_select(0, at));
    }

    CtrMetrics Metrics(HiddenTransform? transform) => CtrMetrics.Of(table, validation.Rows, validation.Predict(model, transform));
}
