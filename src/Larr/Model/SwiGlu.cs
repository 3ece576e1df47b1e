using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Gated feed-forward block (arXiv 2002.05202): down(silu(gate x) · up x). Gate and up are one weight, gate's rows first.</summary>
public sealed class SwiGlu : nn.Module<Tensor, Tensor>
{
    internal readonly Projection gateUp, down;

    /// <summary>A block of the given inner width.</summary>
    public SwiGlu(int width, int innerWidth) : base(nameof(SwiGlu))
    {
        gateUp = new Projection(width, 2 * innerWidth);
        down = new Projection(innerWidth, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return down.forward(Gate(gateUp.forward(x))).MoveToOuterDisposeScope();
    }

    /// <summary>silu(gate) · up of [..., gate up].</summary>
    static Tensor Gate(Tensor both)
    {
        if (both.IsForKernels()) return SwiGluFunction.apply(both.contiguous());
        Tensor[] parts = both.chunk(2, -1);
        return nn.functional.silu(parts[0]) * parts[1];
    }
}
