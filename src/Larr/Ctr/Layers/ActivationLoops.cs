using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Ctr.Layers;

/// <summary>
/// The loops of <see cref="HiddenActivation"/> over the B rows and H columns of a batch: each reads and writes every value once. Rows are cut into blocks of a
/// fixed size, and partial sums are added in the order of the blocks: the number of threads changes no bit.
/// </summary>
/// <remarks>
/// x and dx are the values before the activation, y and g those after it. "Through" has one bit for each value that was let through, sixteen of a row in a word.
/// </remarks>
/// <typeparam name="TBefore">Type of x and dx.</typeparam>
/// <typeparam name="TAfter">Type of y and g.</typeparam>
static unsafe class ActivationLoops<TBefore, TAfter>
    where TBefore : ILanes
    where TAfter : ILanes
{
    const int BlockRows = 128, Lanes = 16;

    /// <summary>Column sums of (x − shift) and of its square.</summary>
    internal static (double[] First, double[] Second) Moments(Matrix x, int rows, float[] shift, int threads) =>
        Sums(rows, x.Columns, threads, (first, second, from, to) =>
        {
            fixed (float* s = shift)
            {
                for (int row = from; row < to; row++)
                {
                    void* input = x.Row<TBefore>(row);
                    int j = 0;
                    for (; j <= x.Columns - Lanes; j += Lanes)
                    {
                        Vector512<float> d = TBefore.Load(input, j) - Vector512.Load(s + j);
                        (Vector512.Load(first + j) + d).Store(first + j);
                        (Vector512.Load(second + j) + d * d).Store(second + j);
                    }
                    for (; j < x.Columns; j++)
                    {
                        float d = TBefore.Get(input, j) - s[j];
                        first[j] += d;
                        second[j] += d * d;
                    }
                }
            }
        });

    /// <summary>y = max(0, scale·x + shift), and 0 where <paramref name="kept"/> has no bit.</summary>
    /// <param name="x">[B,H].</param>
    /// <param name="y">[B,H].</param>
    /// <param name="rows">B.</param>
    /// <param name="scale">[H].</param>
    /// <param name="shift">[H].</param>
    /// <param name="through">Filled with the bits of the values above 0.</param>
    /// <param name="kept">One bit per value, from bit <paramref name="start"/> on; null: all are kept.</param>
    /// <param name="start">The first value's bit.</param>
    /// <param name="threads">Threads to use.</param>
    internal static void Forward(Matrix x, Matrix y, int rows, float[] scale, float[] shift, ushort* through, byte[]? kept, int start, int threads)
    {
        Blocks(rows, threads, (_, from, to) =>
        {
            fixed (float* a = scale, b = shift)
            fixed (byte* bits = kept)
            {
                for (int row = from; row < to; row++)
                {
                    void* input = x.Row<TBefore>(row), output = y.Row<TAfter>(row);
                    ushort* passed = through + (long)row * ActivationBits.Words(x.Columns);
                    long first = start + (long)row * x.Columns;
                    int j = 0;
                    for (; j <= x.Columns - Lanes; j += Lanes)
                    {
                        Vector512<float> value = TBefore.Load(input, j) * Vector512.Load(a + j) + Vector512.Load(b + j);
                        // What is no number passes, so that a training that diverges shows it.
                        uint above = ~(uint)Vector512.LessThanOrEqual(value, Vector512<float>.Zero).ExtractMostSignificantBits();
                        if (bits is not null) above &= ActivationBits.Word(bits, first + j);
                        *passed++ = (ushort)above;
                        TAfter.Store(output, j, value & ActivationBits.Mask(above));
                    }
                    uint rest = 0;
                    for (int bit = 0; j < x.Columns; j++, bit++)
                    {
                        float value = TBefore.Get(input, j) * a[j] + b[j];
                        bool passes = !(value <= 0) && (bits is null || (ActivationBits.Word(bits, first + j) & 1) != 0);
                        TAfter.Set(output, j, passes ? value : 0);
                        if (passes) rest |= 1u << bit;
                    }
                    if (x.Columns % Lanes != 0) *passed = (ushort)rest;
                    y.ClearAfter<TAfter>(row);
                }
            }
        });
        y.ClearFrom<TAfter>(rows);
    }

    /// <summary>Column sums of g and of g·(x − mean), over the values that were let through.</summary>
    internal static (double[] First, double[] Second) GradientMoments(Matrix g, Matrix x, int rows, ushort* through, float[] mean, int threads) =>
        Sums(rows, x.Columns, threads, (first, second, from, to) =>
        {
            fixed (float* s = mean)
            {
                for (int row = from; row < to; row++)
                {
                    void* gradient = g.Row<TAfter>(row), input = x.Row<TBefore>(row);
                    ushort* passed = through + (long)row * ActivationBits.Words(x.Columns);
                    int j = 0;
                    for (; j <= x.Columns - Lanes; j += Lanes)
                    {
                        Vector512<float> let = TAfter.Load(gradient, j) & ActivationBits.Mask(*passed++);
                        (Vector512.Load(first + j) + let).Store(first + j);
                        (Vector512.Load(second + j) + let * (TBefore.Load(input, j) - Vector512.Load(s + j))).Store(second + j);
                    }
                    for (int bit = 0; j < x.Columns; j++, bit++)
                    {
                        if ((*passed & (1 << bit)) == 0) continue;
                        float let = TAfter.Get(gradient, j);
                        first[j] += let;
                        second[j] += let * (TBefore.Get(input, j) - s[j]);
                    }
                }
            }
        });

    /// <summary>dx = scale·g + slope·x + offset, where g is 0 for values that were not let through.</summary>
    internal static void Backward(Matrix g, Matrix x, Matrix dx, int rows, ushort* through, float[] scale, float[] slope, float[] offset, int threads)
    {
        Blocks(rows, threads, (_, from, to) =>
        {
            fixed (float* a = scale, b = slope, c = offset)
            {
                for (int row = from; row < to; row++)
                {
                    void* gradient = g.Row<TAfter>(row), input = x.Row<TBefore>(row), result = dx.Row<TBefore>(row);
                    ushort* passed = through + (long)row * ActivationBits.Words(x.Columns);
                    int j = 0;
                    for (; j <= x.Columns - Lanes; j += Lanes)
                    {
                        Vector512<float> let = TAfter.Load(gradient, j) & ActivationBits.Mask(*passed++);
                        TBefore.Store(result, j, Vector512.Load(a + j) * let + Vector512.Load(b + j) * TBefore.Load(input, j) + Vector512.Load(c + j));
                    }
                    for (int bit = 0; j < x.Columns; j++, bit++)
                    {
                        float let = (*passed & (1 << bit)) == 0 ? 0 : TAfter.Get(gradient, j);
                        TBefore.Set(result, j, a[j] * let + b[j] * TBefore.Get(input, j) + c[j]);
                    }
                    dx.ClearAfter<TBefore>(row);
                }
            }
        });
        dx.ClearFrom<TBefore>(rows);
    }

    delegate void BlockSums(float* first, float* second, int from, int to);

    static (double[] First, double[] Second) Sums(int rows, int columns, int threads, BlockSums add)
    {
        int blocks = (rows + BlockRows - 1) / BlockRows;
        float[] partial = new float[2 * columns * blocks];
        Blocks(rows, threads, (place, _, _) =>
        {
            // From the last block on: its rows were written last and are still in the cache.
            int block = blocks - 1 - place;
            fixed (float* sums = partial)
            {
                float* first = sums + 2L * columns * block;
                add(first, first + columns, block * BlockRows, Math.Min(rows, (block + 1) * BlockRows));
            }
        });
        double[] one = new double[columns], two = new double[columns];
        for (int start = 0; start < partial.Length; start += 2 * columns)
        {
            ColumnSums.Add(partial.AsSpan(start, columns), one);
            ColumnSums.Add(partial.AsSpan(start + columns, columns), two);
        }
        return (one, two);
    }

    static void Blocks(int rows, int threads, Action<int, int, int> work)
    {
        int blocks = (rows + BlockRows - 1) / BlockRows;
        if (threads == 1) for (int block = 0; block < blocks; block++) Run(block);
        else Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Run);

        void Run(int block) => work(block, block * BlockRows, Math.Min(rows, (block + 1) * BlockRows));
    }
}
