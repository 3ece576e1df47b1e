using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>q(z|h) = N(μ, diag σ²), by its parameters.</summary>
/// <param name="Mean">μ, [B,z].</param>
/// <param name="LogVariance">log σ², [B,z].</param>
public readonly record struct Posterior(Tensor Mean, Tensor LogVariance)
{
    /// <summary>KL(q ‖ N(0, I)) = ½ Σ (σ² + μ² − 1 − log σ²), mean over rows and values of z.</summary>
    public Tensor Divergence() => (LogVariance.exp() + Mean.square() - 1 - LogVariance).mean() / 2;

    /// <summary>μ + σ ε with ε drawn from <paramref name="generator"/>.</summary>
    public Tensor Sample(Generator generator)
    {
        Tensor noise = randn(Mean.shape, device: generator.device, generator: generator).to(Mean.device);
        return Mean + (LogVariance / 2).exp() * noise;
    }
}

/// <summary>
/// One information-aware adaptive kernel (IAK, arXiv 2501.14268): an encoder compresses the hidden layer's output h into z, a decoder matches it to the
/// domain: h' = h + Dec(z). The decoder's last layer starts at zero, so the first step is the pre-trained model. Where the paper is silent (Gaussian posterior
/// with a diagonal, prior N(0, I), place and widths), the choices are ours.
/// </summary>
/// <remarks>B rows, H hidden width.</remarks>
public sealed class IakKernel : nn.Module
{
    internal readonly KernelMlp encoder, decoder;

    /// <summary>A kernel for a hidden layer of the given width.</summary>
    public IakKernel(AdaptConfig config, int hidden, Generator generator) : base(nameof(IakKernel))
    {
        encoder = new KernelMlp(hidden, config.Width, 2 * config.Bottleneck, generator);
        decoder = new KernelMlp(config.Bottleneck, config.Width, hidden, generator).Zeroed();
        RegisterComponents();
    }

    /// <summary>q(z|h) for h [B,H].</summary>
    public Posterior Encode(Tensor h)
    {
        Tensor[] halves = encoder.forward(h).chunk(2, 1);
        return new Posterior(halves[0], halves[1]);
    }

    /// <summary>h [B,H] → h + Dec(z) [B,H].</summary>
    public Tensor Match(Tensor h, Tensor z) => h + decoder.forward(z);
}
