using System.Numerics.Tensors;

namespace Larr.Kernels;

/// <summary>The gradient of a table of rows: each token's gradient is added to its row.</summary>
static unsafe class EmbeddingKernel
{
    /// <summary>table[ids[n]] += gradient[n].</summary>
    /// <param name="ids">[N].</param>
    /// <param name="gradient">[N,D].</param>
    /// <param name="table">[V,D].</param>
    /// <param name="n">N.</param>
    /// <param name="d">D.</param>
    public static void Scatter(long* ids, float* gradient, float* table, long n, int d)
    {
        for (long i = 0; i < n; i++)
        {
            Span<float> row = new(table + ids[i] * d, d);
            TensorPrimitives.Add(row, new ReadOnlySpan<float>(gradient + i * d, d), row);
        }
    }
}
