using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>A linear map whose float32 master weights are cast to the type of its input: [..., in] → [..., out].</summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight; // [out, in]
    internal readonly Parameter? bias;

    /// <summary>A map with uninitialised weights.</summary>
    public Projection(int inputs, int outputs, bool bias = false) : base(nameof(Projection))
    {
        weight = Weights.New(outputs, inputs);
        if (bias) this.bias = Weights.New(outputs);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(x, weight.to(x.dtype), bias?.to(x.dtype)!).MoveToOuterDisposeScope();
    }
}
