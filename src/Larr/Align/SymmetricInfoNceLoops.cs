using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Align;

/// <summary>The loops of <see cref="SymmetricInfoNce"/> over some rows of the scores.</summary>
/// <param name="pairs">P.</param>
/// <param name="scale">One over the temperature.</param>
/// <remarks>P' = P rounded up to 16. Scores lie in [P,P'], −∞ where a pair is no negative and beyond P.</remarks>
sealed unsafe class SymmetricInfoNceLoops(int pairs, float scale)
{
    const int Lanes = 16;

    /// <summary>P'.</summary>
    internal int Padded { get; } = Kernels.Lanes.RoundUp(pairs);

    /// <summary>Fills rows of scores from cosines [P,P] and the numbers [P'] by which pairs are no negatives of each other, the greatest of each row [P], and the greatest of each column over these rows [P'].</summary>
    internal void Scores(float* cosines, int[][] same, int begin, int end, float* scores, float[] rowMost, Span<float> columnMost)
    {
        columnMost.Fill(float.NegativeInfinity);
        for (int i = begin; i < end; i++)
        {
            float* from = cosines + (long)i * pairs, row = scores + (long)i * Padded;
            TensorPrimitives.Multiply(new ReadOnlySpan<float>(from, pairs), scale, new Span<float>(row, pairs));
            new Span<float>(row + pairs, Padded - pairs).Fill(float.NegativeInfinity);
            foreach (int[] numbers in same) Exclude(numbers, i, row);
            row[i] = from[i] * scale;
            var scored = new ReadOnlySpan<float>(row, Padded);
            rowMost[i] = TensorPrimitives.Max(scored);
            TensorPrimitives.Max(columnMost, scored, columnMost);
        }
    }

    /// <summary>Fills the sums of exp(score − greatest): of each row [P], and of each column over these rows [P'].</summary>
    internal void Sums(float* scores, int begin, int end, float[] rowMost, float[] columnMost, float[] rowSum, Span<float> columnSum)
    {
        fixed (float* sums = columnSum, greatest = columnMost)
        {
            for (int i = begin; i < end; i++)
            {
                float* row = scores + (long)i * Padded;
                Vector512<float> sum = Vector512<float>.Zero, most = Vector512.Create(rowMost[i]);
                for (int j = 0; j < Padded; j += Lanes)
                {
                    Vector512<float> value = Vector512.Load(row + j);
                    sum += Power(value, most);
                    (Vector512.Load(sums + j) + Power(value, Vector512.Load(greatest + j))).Store(sums + j);
                }
                rowSum[i] = Vector512.Sum(sum);
            }
        }
    }

    /// <summary>Fills rows of the gradient of the cosines [P,P].</summary>
    /// <param name="scores">[P,P'].</param>
    /// <param name="begin">First row.</param>
    /// <param name="end">Row after the last one.</param>
    /// <param name="rows">Logarithm of the sum of each row's powers, [P].</param>
    /// <param name="columns">That of each column's, [P'], +∞ beyond P.</param>
    /// <param name="factor">Gradient of the loss over P.</param>
    /// <param name="gradient">[P,P].</param>
    internal void Gradient(float* scores, int begin, int end, float[] rows, float[] columns, float factor, float* gradient)
    {
        float half = factor * scale / 2;
        float* rest = stackalloc float[Lanes];
        fixed (float* ofColumn = columns)
        {
            for (int i = begin; i < end; i++)
            {
                float* row = scores + (long)i * Padded, to = gradient + (long)i * pairs;
                Vector512<float> ofRow = Vector512.Create(rows[i]);
                for (int j = 0; j < Padded; j += Lanes)
                {
                    Vector512<float> value = Vector512.Load(row + j), both = (Power(value, ofRow) + Power(value, Vector512.Load(ofColumn + j))) * half;
                    if (j <= pairs - Lanes) both.Store(to + j);
                    else
                    {
                        both.Store(rest);
                        new Span<float>(rest, pairs - j).CopyTo(new Span<float>(to + j, pairs - j));
                    }
                }
                to[i] -= 2 * half;
            }
        }
    }

    // −∞ where numbers [P'] are those of pair i.
    void Exclude(int[] numbers, int i, float* row)
    {
        var own = Vector512.Create(numbers[i]);
        for (int j = 0; j < Padded; j += Lanes)
        {
            Vector512<float> equal = Vector512.Equals(Vector512.LoadUnsafe(ref numbers[j]), own).AsSingle();
            Vector512.ConditionalSelect(equal, Vector512.Create(float.NegativeInfinity), Vector512.Load(row + j)).Store(row + j);
        }
    }

    // exp(value − most), and 0 where value is −∞, whatever most is.
    static Vector512<float> Power(Vector512<float> value, Vector512<float> most) =>
        Vector512.ConditionalSelect(Vector512.Equals(value, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, Exponential.Of(value - most));
}
