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
