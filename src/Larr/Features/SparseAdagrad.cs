using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Larr.Features;

/// <summary>
/// Row-wise Adagrad (Duchi et al., JMLR 12, 2011) on the touched rows of an <see cref="EmbeddingTable"/>: one accumulator G per row, the sum of its
/// gradients' mean squares, where Adam keeps two values per weight. L2 is a decay of 1 − lr·λ / √G per step, so that missed steps are a power of it; that and
/// one accumulator per row are our choices.
/// </summary>
/// <param name="table">The table to train.</param>
/// <param name="learningRate">Step size.</param>
/// <param name="l2">L2 regularisation.</param>
public sealed class SparseAdagrad(EmbeddingTable table, float learningRate, float l2 = 0) : SparseOptimizer(table, learningRate, l2)
{
    // Keeps the first step of a row finite.
    const float Start = 1e-6f;

    readonly float[] _squares = new float[table.Rows];

    /// <inheritdoc/>
    protected override void Begin(int step) { }

    /// <inheritdoc/>
    protected override void Update(int row, ReadOnlySpan<float> gradient)
    {
        Span<float> w = Table.Row(row);
        Decay(row, 1);
        _squares[row] += TensorPrimitives.SumOfSquares(gradient) / gradient.Length;
        TensorPrimitives.MultiplyAdd(gradient, -Rate(row), w, w);
    }

    /// <inheritdoc/>
    protected override void Miss(int row, int from, int to) => Decay(row, to - from);

    /// <inheritdoc/>
    protected override void SaveState(BinaryWriter writer) => writer.Write(MemoryMarshal.AsBytes<float>(_squares));

    /// <inheritdoc/>
    protected override void LoadState(BinaryReader reader) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_squares.AsSpan()));

    float Rate(int row) => LearningRate / MathF.Sqrt(_squares[row] + Start);

    void Decay(int row, int steps)
    {
        if (L2 == 0) return;
        float factor = Math.Max(0, 1 - Rate(row) * L2);
        TensorPrimitives.Multiply(Table.Row(row), MathF.Pow(factor, steps), Table.Row(row));
    }
}
