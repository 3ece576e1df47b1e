using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>Optimizers with two groups: matrices, which decay, and vectors (norms, biases), which do not.</summary>
public static class ParameterGroups
{
    /// <summary>AdamW of the tensor library over the module's trainable parameters. Make it after loading, resizing and moving the module.</summary>
    public static AdamW AdamW(nn.Module module, double lr, double weightDecay, double beta1 = 0.9, double beta2 = 0.95)
    {
        Parameter[] trainable = [.. module.parameters().Where(p => p.requires_grad)];
        AdamW.ParamGroup[] groups =
        [
            new([.. trainable.Where(p => p.ndim >= 2)], new AdamW.Options { weight_decay = weightDecay }),
            new([.. trainable.Where(p => p.ndim < 2)], new AdamW.Options { weight_decay = 0 }),
        ];
        return new AdamW([.. groups.Where(g => g.Parameters.Any())], lr, beta1, beta2, weight_decay: weightDecay);
    }

    /// <summary>Our own AdamW of a configuration, over the module's trainable parameters.</summary>
    /// <param name="module">The module.</param>
    /// <param name="config">Rates and decay.</param>
    /// <param name="kept">Matrices that are not decayed either.</param>
    public static FusedAdamW AdamW(nn.Module module, OptimConfig config, params IReadOnlyCollection<Parameter> kept) => new(
        module.parameters().Where(p => p.requires_grad).Select(p => (p, p.ndim >= 2 && !kept.Contains(p) ? config.WeightDecay : 0)), config.Beta1, config.Beta2);
}
