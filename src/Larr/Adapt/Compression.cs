using Larr.Ctr;
using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// The first phase of IAK for one domain: the task is solved through z alone, plus β·KL. Afterwards the encoders are fixed. Without any epoch they stay
/// trainable and learn together with the decoders, by the task's loss alone.
/// </summary>
static class Compression
{
    /// <summary>Trains the encoders of <paramref name="adapter"/>.</summary>
    internal static void Run(CtrModel model, HiddenAdapter adapter, AdaptConfig config, DomainRows train, int seed, CancellationToken cancel)
    {
        if (config.CompressionEpochs == 0) return;
        IakKernel[] kernels = [.. adapter.Layers.Cast<IakKernel>()];
        int[] hidden = [.. model.Hidden!.Widths.TakeLast(kernels.Length)];
        CompressedLayer[] layers = [.. kernels.Zip(hidden, (kernel, h) => new CompressedLayer(kernel, config, h))];
        using var compressed = new HiddenAdapter(model.Hidden.Widths.Count - 1 - kernels.Length, layers);
        Parameter[] encoders = [.. kernels.SelectMany(k => k.encoder.parameters())];
        using var optimizer = optim.Adam([.. encoders, .. compressed.parameters()], config.LearningRate);
        var batches = new DomainBatches(config, [train], seed);
        model.eval();
        compressed.train();
        for (int epoch = 1; epoch <= config.CompressionEpochs; epoch++)
        {
            foreach ((_, int[] rows) in batches.Epoch(-epoch))
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                Tensor loss = train.Loss(model, compressed, rows);
                foreach (CompressedLayer layer in layers) loss += config.Beta * layer.Divergence!;
                loss.backward();
                optimizer.step();
                compressed.zero_grad();
                foreach (IakKernel kernel in kernels) kernel.encoder.zero_grad();
            }
        }
        foreach (Parameter p in encoders) p.requires_grad = false;
    }
}
