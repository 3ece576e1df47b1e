using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Ctr.Layers;

/// <summary>
/// The loops of <see cref="HeadProduct"/>. Rows are cut into blocks of a fixed size, and partial sums are added in the order of the blocks: the number of
/// threads changes no bit.
/// </summary>
/// <remarks>B rows, H hidden values in bfloat16, K outputs.</remarks>
static unsafe class HeadLoops
{
    const int BlockRows = 128, Lanes = 16;

    /// <summary>y = x·Wᵀ + b.</summary>
    /// <param name="x">[B,H].</param>
    /// <param name="rows">B.</param>
    /// <param name="weight">[K,H].</param>
    /// <param name="bias">[K].</param>
    /// <param name="outputs">K.</param>
    /// <param name="y">[B,K].</param>
    /// <param name="threads">Threads to use.</param>
    internal static void Forward(Matrix x, int rows, float* weight, float* bias, int outputs, float* y, int threads) =>
        Chunks.Run(rows, BlockRows, threads, (from, to) =>
        {
            for (long row = from; row < to; row++)
                for (int k = 0; k < outputs; k++) y[row * outputs + k] = bias[k] + DotProduct.Of<BFloat16Lanes>(x.Row<BFloat16Lanes>(row), weight + (long)k * x.Columns, x.Columns);
        });

    /// <summary>Fills dx = g·W and returns the gradients of weight and bias.</summary>
    internal static (float[] Weight, float[] Bias) Backward(Matrix x, Matrix dx, int rows, float* weight, int outputs, float* g, int threads)
    {
        int h = x.Columns, size = outputs * h;
        float[] partial = new float[(rows + BlockRows - 1) / BlockRows * size];
        Chunks.Run(rows, BlockRows, threads, (from, to) =>
        {
            fixed (float* sums = partial)
            {
                float* own = sums + from / BlockRows * size;
                for (long row = from; row < to; row++) Backward(x.Row<BFloat16Lanes>(row), dx.Row<BFloat16Lanes>(row), h, weight, own, outputs, g + row * outputs);
            }
            for (long row = from; row < to; row++) dx.ClearAfter<BFloat16Lanes>(row);
        });
        dx.ClearFrom<BFloat16Lanes>(rows);
        double[] dw = new double[size], db = new double[outputs];
        for (int start = 0; start < partial.Length; start += size) ColumnSums.Add(partial.AsSpan(start, size), dw);
        for (int n = 0; n < rows * outputs; n++) db[n % outputs] += g[n];
        return (Array.ConvertAll(dw, v => (float)v), Array.ConvertAll(db, v => (float)v));
    }

    static void Backward(void* x, void* dx, int h, float* weight, float* dw, int outputs, float* g)
    {
        int j = 0;
        for (; j <= h - Lanes; j += Lanes)
        {
            Vector512<float> input = BFloat16Lanes.Load(x, j), sum = Vector512<float>.Zero;
            for (int k = 0; k < outputs; k++)
            {
                float* of = dw + (long)k * h + j;
                Vector512<float> gradient = Vector512.Create(g[k]);
                sum += gradient * Vector512.Load(weight + (long)k * h + j);
                (Vector512.Load(of) + gradient * input).Store(of);
            }
            BFloat16Lanes.Store(dx, j, sum);
        }
        for (; j < h; j++)
        {
            float input = BFloat16Lanes.Get(x, j), sum = 0;
            for (int k = 0; k < outputs; k++)
            {
                sum += g[k] * weight[(long)k * h + j];
                dw[(long)k * h + j] += g[k] * input;
            }
            BFloat16Lanes.Set(dx, j, sum);
        }
    }
}
