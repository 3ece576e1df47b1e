using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Larr.Ctr;

/// <summary>
/// The loops of <see cref="HiddenActivation"/> over a row-major matrix [B,H]: each reads and writes every value once. Rows are cut into blocks of a fixed
/// size, and partial sums are added in the order of the blocks: the number of threads changes no bit.
/// </summary>
/// <typeparam name="T">The stored type.</typeparam>
/// <typeparam name="TLane">How it is read and written.</typeparam>
static unsafe class ActivationLoops<T, TLane>
    where T : unmanaged
    where TLane : ILane<T>
{
    const int BlockRows = 128, Lanes = 8;

    /// <summary>Column sums of (x − shift) and of its square.</summary>
    internal static (double[] First, double[] Second) Moments(T* x, int rows, int columns, float[] shift, int threads) =>
        Sums(rows, columns, threads, (row, first, second) =>
        {
            T* from = x + (long)row * columns;
            fixed (float* s = shift)
            {
                int j = 0;
                for (; j <= columns - Lanes; j += Lanes)
                {
                    Vector256<float> d = TLane.Load(from + j) - Vector256.Load(s + j);
                    (Vector256.Load(first + j) + d).Store(first + j);
                    (Vector256.Load(second + j) + d * d).Store(second + j);
                }
                for (; j < columns; j++)
                {
                    float d = TLane.Get(from[j]) - s[j];
                    first[j] += d;
                    second[j] += d * d;
                }
            }
        });

    /// <summary>y = max(0, scale·x + shift), and 0 where the mask is 0.</summary>
    internal static void Forward(T* x, T* y, int rows, int columns, float[] scale, float[] shift, short[]? mask, int maskStart, int threads) =>
        Blocks(rows, threads, (_, from, to) =>
        {
            fixed (float* a = scale, b = shift)
            fixed (short* m = mask)
            {
                for (int row = from; row < to; row++)
                {
                    T* input = x + (long)row * columns, output = y + (long)row * columns;
                    short* kept = m is null ? null : m + maskStart + row * columns;
                    int j = 0;
                    for (; j <= columns - Lanes; j += Lanes)
                    {
                        Vector256<float> value = Vector256.Max(TLane.Load(input + j) * Vector256.Load(a + j) + Vector256.Load(b + j), Vector256<float>.Zero);
                        if (kept is not null) value &= Kept(kept + j);
                        TLane.Store(value, output + j);
                    }
                    for (; j < columns; j++)
                        output[j] = TLane.Put(kept is not null && kept[j] == 0 ? 0 : Math.Max(TLane.Get(input[j]) * a[j] + b[j], 0));
                }
            }
        });

    /// <summary>Column sums of g and of g·(x − mean), where g is the gradient of the values that were let through.</summary>
    internal static (double[] First, double[] Second) GradientMoments(T* gradient, T* x, T* y, int rows, int columns, float[] mean, int threads) =>
        Sums(rows, columns, threads, (row, first, second) =>
        {
            long start = (long)row * columns;
            T* g = gradient + start, input = x + start, output = y + start;
            fixed (float* s = mean)
            {
                int j = 0;
                for (; j <= columns - Lanes; j += Lanes)
                {
                    Vector256<float> through = Through(g + j, output + j);
                    (Vector256.Load(first + j) + through).Store(first + j);
                    (Vector256.Load(second + j) + through * (TLane.Load(input + j) - Vector256.Load(s + j))).Store(second + j);
                }
                for (; j < columns; j++)
                {
                    if (!(TLane.Get(output[j]) > 0)) continue;
                    first[j] += TLane.Get(g[j]);
                    second[j] += TLane.Get(g[j]) * (TLane.Get(input[j]) - s[j]);
                }
            }
        });

    /// <summary>dx = scale·g + slope·x + offset, where g is the gradient of the values that were let through.</summary>
    internal static void Backward(T* gradient, T* x, T* y, T* dx, int rows, int columns, float[] scale, float[] slope, float[] offset, int threads) =>
        Blocks(rows, threads, (_, from, to) =>
        {
            fixed (float* a = scale, b = slope, c = offset)
            {
                for (int row = from; row < to; row++)
                {
                    long start = (long)row * columns;
                    T* g = gradient + start, input = x + start, output = y + start, result = dx + start;
                    int j = 0;
                    for (; j <= columns - Lanes; j += Lanes)
                        TLane.Store(Vector256.Load(a + j) * Through(g + j, output + j) + Vector256.Load(b + j) * TLane.Load(input + j) + Vector256.Load(c + j), result + j);
                    for (; j < columns; j++)
                        result[j] = TLane.Put((TLane.Get(output[j]) > 0 ? a[j] * TLane.Get(g[j]) : 0) + b[j] * TLane.Get(input[j]) + c[j]);
                }
            }
        });

    delegate void RowSums(int row, float* first, float* second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Through(T* gradient, T* output) => TLane.Load(gradient) & Vector256.GreaterThan(TLane.Load(output), Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Kept(short* mask)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.Load(mask));
        return Vector256.Create(low, high).AsSingle();
    }

    static (double[] First, double[] Second) Sums(int rows, int columns, int threads, RowSums add)
    {
        float[] partial = new float[2 * columns * ((rows + BlockRows - 1) / BlockRows)];
        Blocks(rows, threads, (block, from, to) =>
        {
            fixed (float* sums = partial)
            {
                float* first = sums + 2L * columns * block;
                for (int row = from; row < to; row++) add(row, first, first + columns);
            }
        });
        double[] one = new double[columns], two = new double[columns];
        for (int start = 0; start < partial.Length; start += 2 * columns)
            for (int j = 0; j < columns; j++) (one[j], two[j]) = (one[j] + partial[start + j], two[j] + partial[start + columns + j]);
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
