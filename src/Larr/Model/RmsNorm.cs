using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Root mean square normalisation over the last dimension (arXiv 1910.07467), computed and returned in float32.</summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight; // [d]
    readonly double epsilon;

    /// <summary>A norm over <paramref name="width"/> values.</summary>
    public RmsNorm(int width, double epsilon) : base(nameof(RmsNorm))
    {
        this.epsilon = epsilon;
        weight = Weights.New(width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = x.to(ScalarType.Float32);
        return (x * (x.square().mean([-1], keepdim: true) + epsilon).rsqrt() * weight).MoveToOuterDisposeScope();
    }
}
