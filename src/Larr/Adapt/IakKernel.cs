using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// One information-aware adaptive kernel (IAK, arXiv 2501.14268): an encoder compresses the hidden layer's output h into z, a decoder matches it to the
/// domain: h' = h + Dec(z), with z drawn from its posterior in training and its mean in serving. The decoder's last layer starts at zero, so the first step is
/// the pre-trained model. Where the paper is silent (Gaussian posterior with a diagonal, prior N(0, I), place and widths), the choices are ours.
/// </summary>
/// <remarks>B rows, H hidden width.</remarks>
public sealed class IakKernel : LayerAdapter
{
    internal readonly KernelMlp encoder, decoder;
    readonly Generator _random;

    /// <summary>A kernel for a hidden layer.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="hidden">H.</param>
    /// <param name="seed">Seed of the initial weights and of the noise in training.</param>
    public IakKernel(AdaptConfig config, int hidden, int seed) : base(nameof(IakKernel))
    {
        _random = new Generator((ulong)seed);
        encoder = new KernelMlp(hidden, config.Width, 2 * config.Bottleneck, _random);
        decoder = new KernelMlp(config.Bottleneck, config.Width, hidden, _random).Zeroed();
        RegisterComponents();
    }

    /// <summary>q(z|h) for h [B,H].</summary>
    public Posterior Encode(Tensor h)
    {
        Tensor[] halves = encoder.forward(h).chunk(2, 1);
        return new Posterior(halves[0], halves[1]);
    }

    /// <summary>z [B,z].</summary>
    public Tensor Sample(Posterior q) => q.Sample(_random);

    /// <inheritdoc/>
    public override Tensor Output(Tensor h)
    {
        Posterior q = Encode(h);
        return h + decoder.forward(training ? Sample(q) : q.Mean); // [B,H]
    }

    /// <summary>A new readout z → h for the first phase.</summary>
    internal KernelMlp Readout(AdaptConfig config, int hidden) => new(config.Bottleneck, config.Width, hidden, _random);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _random.Dispose();
        base.Dispose(disposing);
    }
}
