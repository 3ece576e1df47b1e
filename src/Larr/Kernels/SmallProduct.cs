using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>Products of small float32 matrices that lie in cache, in tiles of eight rows by 32 columns held in registers.</summary>
static unsafe class SmallProduct
{
    /// <summary>C[i,·] = Σ_k A(i,k)·B[k,·], or C += where <paramref name="add"/>; A(i,k) is a[i·aRow + k·aColumn].</summary>
    /// <param name="a">A.</param>
    /// <param name="aRow">Step between rows of A; 1 for a transposed A.</param>
    /// <param name="aColumn">Step between columns of A.</param>
    /// <param name="b">B [inner, columns].</param>
    /// <param name="bRow">Step between rows of B.</param>
    /// <param name="c">C [rows, columns].</param>
    /// <param name="cRow">Step between rows of C.</param>
    /// <param name="rows">A multiple of 8.</param>
    /// <param name="inner">Any number.</param>
    /// <param name="columns">A multiple of 16.</param>
    /// <param name="add">Adds to C.</param>
    public static void Multiply(float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, int rows, int inner, int columns, bool add)
    {
        for (int i = 0; i < rows; i += 8)
        {
            int j = 0;
            for (; j + 32 <= columns; j += 32) Tile32(a + i * aRow, aRow, aColumn, b + j, bRow, c + i * cRow + j, cRow, inner, add);
            if (j < columns) Tile16(a + i * aRow, aRow, aColumn, b + j, bRow, c + i * cRow + j, cRow, inner, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile32(float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, int inner, bool add)
    {
        Vector512<float> p0, p1, p2, p3, p4, p5, p6, p7, q0, q1, q2, q3, q4, q5, q6, q7;
        p0 = p1 = p2 = p3 = p4 = p5 = p6 = p7 = q0 = q1 = q2 = q3 = q4 = q5 = q6 = q7 = Vector512<float>.Zero;
        for (int k = 0; k < inner; k++, a += aColumn, b += bRow)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + 16);
            float* x = a;
            Vector512<float> all = Vector512.Create(*x);
            p0 = Vector512.FusedMultiplyAdd(all, left, p0);
            q0 = Vector512.FusedMultiplyAdd(all, right, q0);
            all = Vector512.Create(*(x += aRow));
            p1 = Vector512.FusedMultiplyAdd(all, left, p1);
            q1 = Vector512.FusedMultiplyAdd(all, right, q1);
            all = Vector512.Create(*(x += aRow));
            p2 = Vector512.FusedMultiplyAdd(all, left, p2);
            q2 = Vector512.FusedMultiplyAdd(all, right, q2);
            all = Vector512.Create(*(x += aRow));
            p3 = Vector512.FusedMultiplyAdd(all, left, p3);
            q3 = Vector512.FusedMultiplyAdd(all, right, q3);
            all = Vector512.Create(*(x += aRow));
            p4 = Vector512.FusedMultiplyAdd(all, left, p4);
            q4 = Vector512.FusedMultiplyAdd(all, right, q4);
            all = Vector512.Create(*(x += aRow));
            p5 = Vector512.FusedMultiplyAdd(all, left, p5);
            q5 = Vector512.FusedMultiplyAdd(all, right, q5);
            all = Vector512.Create(*(x += aRow));
            p6 = Vector512.FusedMultiplyAdd(all, left, p6);
            q6 = Vector512.FusedMultiplyAdd(all, right, q6);
            all = Vector512.Create(*(x += aRow));
            p7 = Vector512.FusedMultiplyAdd(all, left, p7);
            q7 = Vector512.FusedMultiplyAdd(all, right, q7);
        }
        Put(c, p0, add);
        Put(c + 16, q0, add);
        Put(c += cRow, p1, add);
        Put(c + 16, q1, add);
        Put(c += cRow, p2, add);
        Put(c + 16, q2, add);
        Put(c += cRow, p3, add);
        Put(c + 16, q3, add);
        Put(c += cRow, p4, add);
        Put(c + 16, q4, add);
        Put(c += cRow, p5, add);
        Put(c + 16, q5, add);
        Put(c += cRow, p6, add);
        Put(c + 16, q6, add);
        Put(c += cRow, p7, add);
        Put(c + 16, q7, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile16(float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, int inner, bool add)
    {
        Vector512<float> p0, p1, p2, p3, p4, p5, p6, p7;
        p0 = p1 = p2 = p3 = p4 = p5 = p6 = p7 = Vector512<float>.Zero;
        for (int k = 0; k < inner; k++, a += aColumn, b += bRow)
        {
            Vector512<float> left = Vector512.Load(b);
            float* x = a;
            p0 = Vector512.FusedMultiplyAdd(Vector512.Create(*x), left, p0);
            p1 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p1);
            p2 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p2);
            p3 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p3);
            p4 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p4);
            p5 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p5);
            p6 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x += aRow)), left, p6);
            p7 = Vector512.FusedMultiplyAdd(Vector512.Create(*(x + aRow)), left, p7);
        }
        Put(c, p0, add);
        Put(c += cRow, p1, add);
        Put(c += cRow, p2, add);
        Put(c += cRow, p3, add);
        Put(c += cRow, p4, add);
        Put(c += cRow, p5, add);
        Put(c += cRow, p6, add);
        Put(c + cRow, p7, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(float* c, Vector512<float> sum, bool add)
    {
        if (add) sum += Vector512.Load(c);
        sum.Store(c);
    }
}
