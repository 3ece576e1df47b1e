using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larr.Serve;

/// <summary>
/// y = x Wᵀ + b for a few rows at a time, without a tensor library. The weights lie transposed, [inputs, outputs rounded up to 16], so that one
/// input times a run of outputs is one instruction; blocks of four rows × 64 outputs stay in registers.
/// </summary>
/// <remarks>R rows, K inputs, N outputs, N' = N rounded up to 16. Rows of the output are N' apart and hold zeros from N on.</remarks>
sealed class LinearLayer
{
    const int Lanes = 16;
    readonly float[] _weights; // [K,N']
    readonly float[] _bias; // [N']

    /// <summary>A layer of the trained module's weights [N,K] and bias [N] (empty for none).</summary>
    public LinearLayer(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int inputs)
    {
        (Inputs, Outputs) = (inputs, weights.Length / inputs);
        Stride = Kernels.Lanes.RoundUp(Outputs);
        _weights = new float[Inputs * Stride];
        for (int n = 0; n < Outputs; n++)
            for (int k = 0; k < Inputs; k++) _weights[k * Stride + n] = weights[n * inputs + k];
        _bias = new float[Stride];
        bias.CopyTo(_bias);
    }

    /// <summary>K.</summary>
    public int Inputs { get; }

    /// <summary>N.</summary>
    public int Outputs { get; }

    /// <summary>N', the distance of output rows.</summary>
    public int Stride { get; }

    /// <summary>x [R, distance <paramref name="xStride"/>] → y [R,N'].</summary>
    public void Apply(ReadOnlySpan<float> x, int xStride, int rows, Span<float> y) => Apply(x, xStride, rows, y, 0, Stride);

    /// <summary>The same for the outputs <paramref name="begin"/> to <paramref name="end"/> alone, both multiples of 16.</summary>
    public void Apply(ReadOnlySpan<float> x, int xStride, int rows, Span<float> y, int begin, int end)
    {
        if (rows == 0) return;
        if (x.Length < (rows - 1) * xStride + Inputs || y.Length < rows * Stride) throw new ArgumentException($"{rows} rows in {x.Length} inputs and {y.Length} outputs");
        ref float from = ref MemoryMarshal.GetReference(x);
        ref float to = ref MemoryMarshal.GetReference(y);
        int r = 0;
        for (; r <= rows - 4; r += 4) FourRows(ref Unsafe.Add(ref from, r * xStride), xStride, ref Unsafe.Add(ref to, r * Stride), begin, end);
        for (; r < rows; r++) OneRow(ref Unsafe.Add(ref from, r * xStride), ref Unsafe.Add(ref to, r * Stride), begin, end);
    }

    void FourRows(ref float x, int xStride, ref float y, int begin, int end)
    {
        int n = begin;
        for (; n <= end - 4 * Lanes; n += 4 * Lanes) FourRowsAt(ref x, xStride, ref y, n);
        for (; n < end; n += Lanes)
        {
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), n);
            Vector512<float> a = Vector512.LoadUnsafe(ref _bias[n]), b = a, c = a, d = a;
            ref float x1 = ref Unsafe.Add(ref x, xStride), x2 = ref Unsafe.Add(ref x1, xStride), x3 = ref Unsafe.Add(ref x2, xStride);
            for (int k = 0; k < Inputs; k++)
            {
                Vector512<float> v = Vector512.LoadUnsafe(ref w);
                a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, k)), v, a);
                b = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x1, k)), v, b);
                c = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x2, k)), v, c);
                d = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x3, k)), v, d);
                w = ref Unsafe.Add(ref w, Stride);
            }
            a.StoreUnsafe(ref y, (nuint)n);
            b.StoreUnsafe(ref y, (nuint)(n + Stride));
            c.StoreUnsafe(ref y, (nuint)(n + 2 * Stride));
            d.StoreUnsafe(ref y, (nuint)(n + 3 * Stride));
        }
    }

    // 16 accumulators: rows a to d, columns 0 to 3.
    void FourRowsAt(ref float x, int xStride, ref float y, int n)
    {
        ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), n);
        ref float bias = ref _bias[n];
        Vector512<float> a0 = Vector512.LoadUnsafe(ref bias), a1 = Vector512.LoadUnsafe(ref bias, Lanes), a2 = Vector512.LoadUnsafe(ref bias, 2 * Lanes), a3 = Vector512.LoadUnsafe(ref bias, 3 * Lanes);
        Vector512<float> b0 = a0, b1 = a1, b2 = a2, b3 = a3, c0 = a0, c1 = a1, c2 = a2, c3 = a3, d0 = a0, d1 = a1, d2 = a2, d3 = a3;
        ref float x1 = ref Unsafe.Add(ref x, xStride), x2 = ref Unsafe.Add(ref x1, xStride), x3 = ref Unsafe.Add(ref x2, xStride);
        for (int k = 0; k < Inputs; k++)
        {
            Vector512<float> w0 = Vector512.LoadUnsafe(ref w), w1 = Vector512.LoadUnsafe(ref w, Lanes), w2 = Vector512.LoadUnsafe(ref w, 2 * Lanes), w3 = Vector512.LoadUnsafe(ref w, 3 * Lanes);
            Vector512<float> s = Vector512.Create(Unsafe.Add(ref x, k));
            (a0, a1) = (Vector512.FusedMultiplyAdd(s, w0, a0), Vector512.FusedMultiplyAdd(s, w1, a1));
            (a2, a3) = (Vector512.FusedMultiplyAdd(s, w2, a2), Vector512.FusedMultiplyAdd(s, w3, a3));
            s = Vector512.Create(Unsafe.Add(ref x1, k));
            (b0, b1) = (Vector512.FusedMultiplyAdd(s, w0, b0), Vector512.FusedMultiplyAdd(s, w1, b1));
            (b2, b3) = (Vector512.FusedMultiplyAdd(s, w2, b2), Vector512.FusedMultiplyAdd(s, w3, b3));
            s = Vector512.Create(Unsafe.Add(ref x2, k));
            (c0, c1) = (Vector512.FusedMultiplyAdd(s, w0, c0), Vector512.FusedMultiplyAdd(s, w1, c1));
            (c2, c3) = (Vector512.FusedMultiplyAdd(s, w2, c2), Vector512.FusedMultiplyAdd(s, w3, c3));
            s = Vector512.Create(Unsafe.Add(ref x3, k));
            (d0, d1) = (Vector512.FusedMultiplyAdd(s, w0, d0), Vector512.FusedMultiplyAdd(s, w1, d1));
            (d2, d3) = (Vector512.FusedMultiplyAdd(s, w2, d2), Vector512.FusedMultiplyAdd(s, w3, d3));
            w = ref Unsafe.Add(ref w, Stride);
        }
        Store(ref Unsafe.Add(ref y, n), a0, a1, a2, a3);
        Store(ref Unsafe.Add(ref y, n + Stride), b0, b1, b2, b3);
        Store(ref Unsafe.Add(ref y, n + 2 * Stride), c0, c1, c2, c3);
        Store(ref Unsafe.Add(ref y, n + 3 * Stride), d0, d1, d2, d3);
    }

    void OneRow(ref float x, ref float y, int begin, int end)
    {
        int n = begin;
        for (; n <= end - 4 * Lanes; n += 4 * Lanes)
        {
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), n);
            ref float bias = ref _bias[n];
            Vector512<float> a0 = Vector512.LoadUnsafe(ref bias), a1 = Vector512.LoadUnsafe(ref bias, Lanes), a2 = Vector512.LoadUnsafe(ref bias, 2 * Lanes), a3 = Vector512.LoadUnsafe(ref bias, 3 * Lanes);
            for (int k = 0; k < Inputs; k++)
            {
                Vector512<float> s = Vector512.Create(Unsafe.Add(ref x, k));
                a0 = Vector512.FusedMultiplyAdd(s, Vector512.LoadUnsafe(ref w), a0);
                a1 = Vector512.FusedMultiplyAdd(s, Vector512.LoadUnsafe(ref w, Lanes), a1);
                a2 = Vector512.FusedMultiplyAdd(s, Vector512.LoadUnsafe(ref w, 2 * Lanes), a2);
                a3 = Vector512.FusedMultiplyAdd(s, Vector512.LoadUnsafe(ref w, 3 * Lanes), a3);
                w = ref Unsafe.Add(ref w, Stride);
            }
            Store(ref Unsafe.Add(ref y, n), a0, a1, a2, a3);
        }
        for (; n < end; n += Lanes)
        {
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), n);
            Vector512<float> a = Vector512.LoadUnsafe(ref _bias[n]);
            for (int k = 0; k < Inputs; k++)
            {
                a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, k)), Vector512.LoadUnsafe(ref w), a);
                w = ref Unsafe.Add(ref w, Stride);
            }
            a.StoreUnsafe(ref y, (nuint)n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(ref float y, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
    {
        v0.StoreUnsafe(ref y);
        v1.StoreUnsafe(ref y, Lanes);
        v2.StoreUnsafe(ref y, 2 * Lanes);
        v3.StoreUnsafe(ref y, 3 * Lanes);
    }
}
