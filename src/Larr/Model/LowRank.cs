using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// A low-rank change of a linear map (LoRA, arXiv 2106.09685): x → (alpha / r) · B(A x). A starts at random, B at zero, so that
/// the model starts unchanged. Shapes: A [r, in], B [out, r].
/// </summary>
public sealed class LowRank : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter a, b;
    readonly double scale;

    /// <summary>A change of a map of the given size.</summary>
    internal LowRank(long inputs, long outputs, int rank, double alpha, Generator generator, Device device) : base(nameof(LowRank))
    {
        scale = alpha / rank;
        a = Weights.New(device, rank, inputs);
        b = Weights.New(device, outputs, rank);
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            // Uniform within ±1/√inputs, as the published adapters begin.
            a.copy_((rand(a.shape, generator: generator) * 2 - 1) / Math.Sqrt(inputs));
            b.zero_();
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (nn.functional.linear(nn.functional.linear(x, a.to(x.dtype)), b.to(x.dtype)) * scale).MoveToOuterDisposeScope();
    }

    /// <summary>The change as one matrix [out, in], float32.</summary>
    public Tensor Matrix()
    {
        using var scope = NewDisposeScope();
        return (b.matmul(a) * scale).MoveToOuterDisposeScope();
    }
}
