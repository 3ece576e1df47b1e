using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Larr.Embed.Packed;

/// <summary>
/// What the decoder does to each row by itself between the products, in one pass over the row. Widths are multiples of sixteen.
/// </summary>
static unsafe class RowLoops
{
    /// <summary>Root mean square normalisation (arXiv 1910.07467): y = x / √(mean x² + ε) · weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Norm<T>(Rows<Float32Element> x, float[] weight, double epsilon, Rows<T> y, int rows) where T : unmanaged, IElement<T>
    {
        int width = weight.Length;
        fixed (float* g = weight)
            for (int r = 0; r < rows; r++)
            {
                float* from = (float*)x.Row(r);
                T* to = y.Row(r);
                Vector512<float> squares = default;
                for (int c = 0; c < width; c += 16)
                {
                    Vector512<float> v = Vector512.Load(from + c);
                    squares = Vector512.FusedMultiplyAdd(v, v, squares);
                }
                Vector512<float> scale = Vector512.Create((float)(1 / Math.Sqrt((Vector512.Sum(squares) / width) + epsilon)));
                for (int c = 0; c < width; c += 16) T.Store(Vector512.Load(from + c) * scale * Vector512.Load(g + c), to + c);
            }
    }

    /// <summary>x += y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(Rows<Float32Element> x, Rows<T> y, int rows) where T : unmanaged, IElement<T>
    {
        float* to = (float*)x.Data;
        long all = (long)rows * x.Columns;
        for (long i = 0; i < all; i += 16) (Vector512.Load(to + i) + T.Load(y.Data + i)).Store(to + i);
    }

    /// <summary>y = silu(gate)·up of rows that hold the gate and then up (SwiGLU, arXiv 2002.05202).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gate<T>(Rows<T> gateUp, Rows<T> y, int rows) where T : unmanaged, IElement<T>
    {
        int width = y.Columns;
        for (int r = 0; r < rows; r++)
        {
            T* gate = gateUp.Row(r), up = gate + width, to = y.Row(r);
            for (int c = 0; c < width; c += 16) T.Store(Activation.Silu(T.Load(gate + c)) * T.Load(up + c), to + c);
        }
    }

    /// <summary>y = gelu(x + bias) for the projection of an encoder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu<T>(Rows<T> x, float[] bias, Rows<T> y, int rows) where T : unmanaged, IElement<T>
    {
        fixed (float* b = bias)
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < bias.Length; c += 16) T.Store(Activation.Gelu(T.Load(x.Row(r) + c) + Vector512.Load(b + c)), y.Row(r) + c);
    }

    /// <summary>Another type for the same numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert<TFrom, TTo>(Rows<TFrom> x, Rows<TTo> y, int rows)
        where TFrom : unmanaged, IElement<TFrom>
        where TTo : unmanaged, IElement<TTo>
    {
        long all = (long)rows * x.Columns;
        for (long i = 0; i < all; i += 16) TTo.Store(TFrom.Load(x.Data + i), y.Data + i);
    }

    /// <summary>Row i of y is row <paramref name="chosen"/>[i] of x. In place where the rows rise.</summary>
    public static void Gather<T>(Rows<T> x, ReadOnlySpan<int> chosen, Rows<T> y) where T : unmanaged, IElement<T>
    {
        for (int i = 0; i < chosen.Length; i++)
            new ReadOnlySpan<T>(x.Row(chosen[i]), x.Columns).CopyTo(new Span<T>(y.Row(i), x.Columns));
    }
}
