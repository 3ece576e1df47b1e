using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larr.Index;

/// <summary>
/// Vectors laid side by side for many dot products at once. A panel holds up to 64 vectors, [D, width]: component d of all of them lies
/// together, so that a row's component, broadcast, multiplies 16 of them in one instruction and no sum across lanes is ever needed.
/// </summary>
sealed unsafe class VectorPanels : IDisposable
{
    const int Lanes = 16;

    /// <summary>Vectors of a full panel: four registers of 16, the most that leave room for four rows of sums.</summary>
    public const int Full = 64;

    readonly int _dimension;
    readonly float* _panels;
    bool _disposed;

    /// <param name="vectors">[count, D].</param>
    /// <param name="dimension">D.</param>
    public VectorPanels(ReadOnlySpan<float> vectors, int dimension)
    {
        (_dimension, Count) = (dimension, vectors.Length / dimension);
        Width = Count <= Lanes ? Lanes : Full;
        Panels = (Count + Width - 1) / Width;
        nuint bytes = (nuint)((long)Panels * dimension * Width * sizeof(float));
        _panels = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_panels, bytes);
        for (int v = 0; v < Count; v++)
        {
            float* column = _panels + ((long)(v / Width) * dimension * Width) + (v % Width);
            for (int d = 0; d < dimension; d++) column[(long)d * Width] = vectors[(v * dimension) + d];
        }
    }

    ~VectorPanels() => Free();

    /// <summary>Number of vectors.</summary>
    public int Count { get; }

    /// <summary>Vectors in a panel, the last one padded with zeros: 16 or 64.</summary>
    public int Width { get; }

    /// <summary>Number of panels.</summary>
    public int Panels { get; }

    /// <summary>Dot products of rows with the vectors of a panel.</summary>
    /// <param name="panel">Which panel.</param>
    /// <param name="rows">[count, D].</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="scores">[count, width].</param>
    public void Score(int panel, float* rows, int count, float* scores)
    {
        float* vectors = _panels + ((long)panel * _dimension * Width);
        int r = 0;
        for (; r + 4 <= count; r += 4, rows += 4L * _dimension, scores += 4 * Width)
            if (Width == Full) Four(rows, vectors, scores);
            else FourNarrow(rows, vectors, scores);
        for (; r < count; r++, rows += _dimension, scores += Width) One(rows, vectors, scores);
    }

    /// <summary>Four rows × 64 vectors: 16 sums in registers.</summary>
    void Four(float* rows, float* vectors, float* scores)
    {
        float* r1 = rows + _dimension, r2 = r1 + _dimension, r3 = r2 + _dimension;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (int d = 0; d < _dimension; d++, vectors += Full)
        {
            Vector512<float> v0 = Vector512.Load(vectors), v1 = Vector512.Load(vectors + 16), v2 = Vector512.Load(vectors + 32), v3 = Vector512.Load(vectors + 48);
            Vector512<float> x = Vector512.Create(rows[d]);
            a0 = Vector512.FusedMultiplyAdd(x, v0, a0);
            a1 = Vector512.FusedMultiplyAdd(x, v1, a1);
            a2 = Vector512.FusedMultiplyAdd(x, v2, a2);
            a3 = Vector512.FusedMultiplyAdd(x, v3, a3);
            x = Vector512.Create(r1[d]);
            b0 = Vector512.FusedMultiplyAdd(x, v0, b0);
            b1 = Vector512.FusedMultiplyAdd(x, v1, b1);
            b2 = Vector512.FusedMultiplyAdd(x, v2, b2);
            b3 = Vector512.FusedMultiplyAdd(x, v3, b3);
            x = Vector512.Create(r2[d]);
            c0 = Vector512.FusedMultiplyAdd(x, v0, c0);
            c1 = Vector512.FusedMultiplyAdd(x, v1, c1);
            c2 = Vector512.FusedMultiplyAdd(x, v2, c2);
            c3 = Vector512.FusedMultiplyAdd(x, v3, c3);
            x = Vector512.Create(r3[d]);
            d0 = Vector512.FusedMultiplyAdd(x, v0, d0);
            d1 = Vector512.FusedMultiplyAdd(x, v1, d1);
            d2 = Vector512.FusedMultiplyAdd(x, v2, d2);
            d3 = Vector512.FusedMultiplyAdd(x, v3, d3);
        }
        Store(scores, a0, a1, a2, a3);
        Store(scores + Full, b0, b1, b2, b3);
        Store(scores + (2 * Full), c0, c1, c2, c3);
        Store(scores + (3 * Full), d0, d1, d2, d3);
    }

    void FourNarrow(float* rows, float* vectors, float* scores)
    {
        float* r1 = rows + _dimension, r2 = r1 + _dimension, r3 = r2 + _dimension;
        Vector512<float> a = default, b = default, c = default, e = default;
        for (int d = 0; d < _dimension; d++, vectors += Lanes)
        {
            Vector512<float> v = Vector512.Load(vectors);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(rows[d]), v, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(r1[d]), v, b);
            c = Vector512.FusedMultiplyAdd(Vector512.Create(r2[d]), v, c);
            e = Vector512.FusedMultiplyAdd(Vector512.Create(r3[d]), v, e);
        }
        a.Store(scores);
        b.Store(scores + Lanes);
        c.Store(scores + (2 * Lanes));
        e.Store(scores + (3 * Lanes));
    }

    void One(float* row, float* vectors, float* scores)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        if (Width == Lanes)
        {
            for (int d = 0; d < _dimension; d++, vectors += Lanes) a0 = Vector512.FusedMultiplyAdd(Vector512.Create(row[d]), Vector512.Load(vectors), a0);
            a0.Store(scores);
            return;
        }
        for (int d = 0; d < _dimension; d++, vectors += Full)
        {
            Vector512<float> x = Vector512.Create(row[d]);
            a0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(vectors), a0);
            a1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(vectors + 16), a1);
            a2 = Vector512.FusedMultiplyAdd(x, Vector512.Load(vectors + 32), a2);
            a3 = Vector512.FusedMultiplyAdd(x, Vector512.Load(vectors + 48), a3);
        }
        Store(scores, a0, a1, a2, a3);
    }

    static void Store(float* scores, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        s0.Store(scores);
        s1.Store(scores + 16);
        s2.Store(scores + 32);
        s3.Store(scores + 48);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        if (_disposed) return;
        _disposed = true;
        NativeMemory.AlignedFree(_panels);
    }
}
