using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// A bfloat16 matrix, multiplied by the tensor library, which uses the processor's dot products of bfloat16 pairs. Sums are float32 and
/// rounded once. The library picks its kernel by the number of rows, so results may differ in the last bit of a bfloat16 between batches.
/// </summary>
sealed class BFloat16Matrix : IMatrix<BFloat16Element>
{
    readonly Tensor _transposed; // [K,N], a view of [N,K]

    /// <summary>A rounded copy of <paramref name="weight"/> [N,K].</summary>
    public BFloat16Matrix(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _transposed = weight.detach().to(ScalarType.BFloat16, copy: true).contiguous().t().DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Multiply(Rows<BFloat16Element> x, Rows<BFloat16Element> y, int rows)
    {
        using Tensor from = x.Tensor.narrow(0, 0, rows), to = y.Tensor.narrow(0, 0, rows);
        to.addmm_(from, _transposed, beta: 0, alpha: 1); // [M,N]
    }

    /// <inheritdoc/>
    public void Dispose() => _transposed.Dispose();
}
