using System.Runtime.Intrinsics;

namespace Larr.Ctr.Layers;

/// <summary>Sums of blocks of rows, added up in float64.</summary>
static class ColumnSums
{
    const int Lanes = 16;

    /// <summary>Adds a block's sums to those of all.</summary>
    internal static void Add(ReadOnlySpan<float> part, Span<double> sums)
    {
        int j = 0;
        for (; j <= part.Length - Lanes; j += Lanes)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Create(part[j..]));
            (Vector512.Create<double>(sums[j..]) + low).CopyTo(sums[j..]);
            (Vector512.Create<double>(sums[(j + Lanes / 2)..]) + high).CopyTo(sums[(j + Lanes / 2)..]);
        }
        for (; j < part.Length; j++) sums[j] += part[j];
    }
}
