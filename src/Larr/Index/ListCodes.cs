using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Larr.Index;

/// <summary>
/// Whole-number dot products of a query with 16 rows at once. A row's component is a byte, 128 + its code in −127 … 127; the query's is −63 … 63,
/// so that the sum of two products stays within 16 bits (255 · 63 · 2 = 32,130). Every kind of processor gives the same numbers.
/// </summary>
static unsafe class ListCodes
{
    /// <summary>Rows whose codes lie together.</summary>
    public const int Group = 16;

    /// <summary>Longest vector whose sum fits 32 bits with room.</summary>
    public const int MaxDimension = 1 << 16;

    /// <summary>Components rounded up to whole fours.</summary>
    public static int Padded(int dimension) => (dimension + 3) / 4 * 4;

    /// <summary>The query in −63 … 63, padded with zeros, and 128 times its sum, which the rows' offset adds to every product.</summary>
    public static (sbyte[] Codes, int Offset) Query(ReadOnlySpan<float> query)
    {
        float largest = 0;
        foreach (float x in query) largest = Math.Max(largest, Math.Abs(x));
        sbyte[] codes = new sbyte[Padded(query.Length)];
        int sum = 0;
        for (int d = 0; d < query.Length; d++) sum += codes[d] = (sbyte)MathF.Round(query[d] * (63 / largest));
        return (codes, 128 * sum);
    }

    /// <summary>Puts a row's codes at its place in a group, [D / 4, 16, 4].</summary>
    public static void Place(ReadOnlySpan<sbyte> codes, int lane, Span<byte> group)
    {
        for (int d = 0; d < codes.Length; d++) group[(d / 4 * 4 * Group) + (lane * 4) + (d % 4)] = (byte)(128 + codes[d]);
    }

    /// <summary>Products of the query with the 16 rows of a group.</summary>
    /// <param name="group">[D / 4, 16, 4] bytes.</param>
    /// <param name="query">[D], padded.</param>
    /// <param name="padded">D, padded.</param>
    public static Vector512<int> Products(byte* group, sbyte* query, int padded)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<int> sum = default;
            for (int d = 0; d < padded; d += 4, group += 64)
            {
                Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(Vector512.Load(group), Vector512.Create(Unsafe.ReadUnaligned<int>(query + d)).AsSByte());
                sum += Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One);
            }
            return sum;
        }
        if (Avx2.IsSupported)
        {
            Vector256<int> low = default, high = default;
            for (int d = 0; d < padded; d += 4, group += 64)
            {
                Vector256<sbyte> q = Vector256.Create(Unsafe.ReadUnaligned<int>(query + d)).AsSByte();
                low += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(group), q), Vector256<short>.One);
                high += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(group + 32), q), Vector256<short>.One);
            }
            return Vector512.Create(low, high);
        }
        return Plain(group, query, padded);
    }

    internal static Vector512<int> Plain(byte* group, sbyte* query, int padded)
    {
        int* sums = stackalloc int[Group];
        new Span<int>(sums, Group).Clear();
        for (int d = 0; d < padded; d++)
            for (int lane = 0; lane < Group; lane++) sums[lane] += query[d] * group[(d / 4 * 64) + (lane * 4) + (d % 4)];
        return Vector512.Load(sums);
    }
}
