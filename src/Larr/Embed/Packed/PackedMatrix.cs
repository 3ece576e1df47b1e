using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// A float32 matrix [N,K] laid out for the product x·Wᵀ. Each component of a product is one chain of fused multiply-adds over k = 0 … K−1,
/// whatever the number of rows of x and wherever a row stands among them, so that a row's result depends on that row alone, to the bit.
/// The general products of tensor libraries pick a kernel by shape and do not promise this. Tiles of 8 rows and 32 columns (our own choice)
/// keep 16 sums in the 512-bit registers.
/// </summary>
sealed unsafe class PackedMatrix : IMatrix<Float32Element>
{
    /// <summary>Rows of x that are computed together.</summary>
    public const int RowTile = 8;

    /// <summary>Columns of Wᵀ that are computed together.</summary>
    public const int ColumnTile = 32;

    /// <summary>Bytes of packed columns that stay in a core's second-level cache while all rows pass by.</summary>
    const int CachedBytes = 400 << 10;

    readonly float* _panels; // [N/32][K][32], the last panel filled up with zeros

    readonly int _outputs, _inputs;

    /// <summary>Packs a copy of <paramref name="weight"/> = W [N,K].</summary>
    public PackedMatrix(Tensor weight)
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<float> rows = MemoryMarshal.Cast<byte, float>(weight.detach().contiguous().bytes);
        (_outputs, _inputs) = ((int)weight.size(0), (int)weight.size(1));
        int panels = (_outputs + ColumnTile - 1) / ColumnTile;
        _panels = (float*)NativeMemory.AlignedAlloc((nuint)((long)panels * _inputs * ColumnTile * sizeof(float)), 64);
        for (int p = 0; p < panels; p++)
            for (int c = 0; c < ColumnTile; c++)
            {
                int n = (p * ColumnTile) + c;
                float* column = _panels + ((long)p * _inputs * ColumnTile) + c;
                for (int k = 0; k < _inputs; k++) column[(long)k * ColumnTile] = n < _outputs ? rows[(n * _inputs) + k] : 0;
            }
    }

    /// <inheritdoc/>
    public void Multiply(Rows<Float32Element> x, Rows<Float32Element> y, int rows)
    {
        float* to = (float*)y.Data;
        int panels = (_outputs + ColumnTile - 1) / ColumnTile;
        int together = Math.Max(1, CachedBytes / (_inputs * ColumnTile * sizeof(float)));
        float* tile = stackalloc float[RowTile * ColumnTile];
        float** block = stackalloc float*[RowTile];
        for (int first = 0; first < panels; first += together)
            for (int r = 0; r < rows; r += RowTile)
            {
                // A last tile that is not full computes its last row several times; only its own rows are kept.
                for (int i = 0; i < RowTile; i++) block[i] = (float*)x.Row(Math.Min(r + i, rows - 1));
                for (int p = first; p < Math.Min(first + together, panels); p++)
                {
                    float* panel = _panels + ((long)p * _inputs * ColumnTile);
                    int n = p * ColumnTile, columns = Math.Min(ColumnTile, _outputs - n);
                    if (r + RowTile <= rows && columns == ColumnTile)
                    {
                        Tile(block, panel, to + ((long)r * _outputs) + n, _outputs, _inputs);
                        continue;
                    }
                    Tile(block, panel, tile, ColumnTile, _inputs);
                    for (int i = 0; i < Math.Min(RowTile, rows - r); i++)
                        new ReadOnlySpan<float>(tile + (i * ColumnTile), columns).CopyTo(new Span<float>(to + ((long)(r + i) * _outputs) + n, columns));
                }
            }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_panels);

    /// <summary>y[8,32] = a·b, each component a chain of fused multiply-adds in the order of k.</summary>
    /// <param name="a">Eight rows of K.</param>
    /// <param name="b">[K,32].</param>
    /// <param name="y">First of 8 rows of 32.</param>
    /// <param name="stride">Floats from one row of y to the next.</param>
    /// <param name="inputs">K.</param>
    public static void Tile(float** a, float* b, float* y, int stride, int inputs)
    {
        if (Vector512.IsHardwareAccelerated) Tile512(a, b, y, stride, inputs);
        else
            for (int i = 0; i < RowTile; i += 4)
                for (int c = 0; c < ColumnTile; c += 16) Tile256(a + i, b + c, y + ((long)i * stride) + c, stride, inputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile512(float** a, float* b, float* y, int stride, int inputs)
    {
        float* x0 = a[0], x1 = a[1], x2 = a[2], x3 = a[3], x4 = a[4], x5 = a[5], x6 = a[6], x7 = a[7];
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector512<float> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        for (int k = 0; k < inputs; k++)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + 16);
            Vector512<float> x = Vector512.Create(x0[k]);
            (a0, a1) = (Vector512.FusedMultiplyAdd(x, left, a0), Vector512.FusedMultiplyAdd(x, right, a1));
            x = Vector512.Create(x1[k]);
            (b0, b1) = (Vector512.FusedMultiplyAdd(x, left, b0), Vector512.FusedMultiplyAdd(x, right, b1));
            x = Vector512.Create(x2[k]);
            (c0, c1) = (Vector512.FusedMultiplyAdd(x, left, c0), Vector512.FusedMultiplyAdd(x, right, c1));
            x = Vector512.Create(x3[k]);
            (d0, d1) = (Vector512.FusedMultiplyAdd(x, left, d0), Vector512.FusedMultiplyAdd(x, right, d1));
            x = Vector512.Create(x4[k]);
            (e0, e1) = (Vector512.FusedMultiplyAdd(x, left, e0), Vector512.FusedMultiplyAdd(x, right, e1));
            x = Vector512.Create(x5[k]);
            (f0, f1) = (Vector512.FusedMultiplyAdd(x, left, f0), Vector512.FusedMultiplyAdd(x, right, f1));
            x = Vector512.Create(x6[k]);
            (g0, g1) = (Vector512.FusedMultiplyAdd(x, left, g0), Vector512.FusedMultiplyAdd(x, right, g1));
            x = Vector512.Create(x7[k]);
            (h0, h1) = (Vector512.FusedMultiplyAdd(x, left, h0), Vector512.FusedMultiplyAdd(x, right, h1));
            b += ColumnTile;
        }
        Put(y, a0, a1);
        Put(y + stride, b0, b1);
        Put(y + (2L * stride), c0, c1);
        Put(y + (3L * stride), d0, d1);
        Put(y + (4L * stride), e0, e1);
        Put(y + (5L * stride), f0, f1);
        Put(y + (6L * stride), g0, g1);
        Put(y + (7L * stride), h0, h1);
    }

    static void Put(float* y, Vector512<float> left, Vector512<float> right)
    {
        left.Store(y);
        right.Store(y + 16);
    }

    /// <summary>The same chains with 256-bit registers: 4 rows and 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile256(float** a, float* b, float* y, int stride, int inputs)
    {
        float* x0 = a[0], x1 = a[1], x2 = a[2], x3 = a[3];
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (int k = 0; k < inputs; k++)
        {
            Vector256<float> left = Vector256.Load(b), right = Vector256.Load(b + 8);
            Vector256<float> x = Vector256.Create(x0[k]);
            (a0, a1) = (Vector256.FusedMultiplyAdd(x, left, a0), Vector256.FusedMultiplyAdd(x, right, a1));
            x = Vector256.Create(x1[k]);
            (b0, b1) = (Vector256.FusedMultiplyAdd(x, left, b0), Vector256.FusedMultiplyAdd(x, right, b1));
            x = Vector256.Create(x2[k]);
            (c0, c1) = (Vector256.FusedMultiplyAdd(x, left, c0), Vector256.FusedMultiplyAdd(x, right, c1));
            x = Vector256.Create(x3[k]);
            (d0, d1) = (Vector256.FusedMultiplyAdd(x, left, d0), Vector256.FusedMultiplyAdd(x, right, d1));
            b += ColumnTile;
        }
        Put(y, a0, a1);
        Put(y + stride, b0, b1);
        Put(y + (2L * stride), c0, c1);
        Put(y + (3L * stride), d0, d1);
    }

    static void Put(float* y, Vector256<float> left, Vector256<float> right)
    {
        left.Store(y);
        right.Store(y + 8);
    }
}
