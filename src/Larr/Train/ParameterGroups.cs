using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>Optimizers with two groups: matrices, which decay, and vectors (norms, biases), which do not.</summary>
public static class ParameterGroups
{
    /// <summary>AdamW over the module's trainable parameters. Make it after loading, resizing and moving the module.</summary>
    public static FusedAdamW AdamW(nn.Module module, double weightDecay, double beta1, double beta2, params IReadOnlyCollection<Parameter> kept) => new(
        module.parameters().Where(p => p.requires_grad).Select(p => (p, p.ndim >= 2 && !kept.Contains(p) ? weightDecay : 0)), beta1, beta2);

    /// <summary>AdamW of a configuration, over the module's trainable parameters.</summary>
    /// <param name="module">The module.</param>
    /// <param name="config">Rates and decay.</param>
    /// <param name="kept">Matrices that are not decayed either.</param>
    public static FusedAdamW AdamW(nn.Module module, OptimConfig config, params IReadOnlyCollection<Parameter> kept) =>
        AdamW(module, config.WeightDecay, config.Beta1, config.Beta2, kept);
}
