using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Root mean square normalisation over the last dimension (arXiv 1910.07467), computed in float32.</summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight; // [d]
    internal readonly double epsilon;

    /// <summary>A norm over <paramref name="width"/> values.</summary>
    public RmsNorm(int width, double epsilon) : base(nameof(RmsNorm))
    {
        this.epsilon = epsilon;
        weight = Weights.New(width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => forward(x, ScalarType.Float32);

    /// <summary>x [..., d] float32 → its norm in <paramref name="type"/>.</summary>
    public Tensor forward(Tensor x, ScalarType type)
    {
        using var scope = NewDisposeScope();
        if (IsFused(x, type)) return RmsNormFunction.Normalise(x, weight, epsilon, type).MoveToOuterDisposeScope();
        x = x.to(ScalarType.Float32);
        return (x * (x.square().mean([-1], keepdim: true) + epsilon).rsqrt() * weight).to(type).MoveToOuterDisposeScope();
    }

    /// <summary>x + a in float32, and its norm in the type of a; x [..., d] float32, a [..., d].</summary>
    public (Tensor Sum, Tensor Norm) AddAndNormalise(Tensor x, Tensor a)
    {
        using var scope = NewDisposeScope();
        (Tensor sum, Tensor norm) = IsFused(x, a.dtype) ? RmsNormFunction.AddAndNormalise(x, a, weight, epsilon) : Plain();
        return (sum.MoveToOuterDisposeScope(), norm.MoveToOuterDisposeScope());

        (Tensor, Tensor) Plain()
        {
            Tensor sum = x + a;
            return (sum, forward(sum, a.dtype));
        }
    }

    static bool IsFused(Tensor x, ScalarType type) => x.IsForKernels() && x.dtype == ScalarType.Float32 && type is ScalarType.Float32 or ScalarType.BFloat16;
}
