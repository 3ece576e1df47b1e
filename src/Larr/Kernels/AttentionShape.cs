namespace Larr.Kernels;

/// <summary>Shape of grouped-query attention over rows [q, k, v] of one fused input map.</summary>
/// <param name="Heads">H, query heads.</param>
/// <param name="KeyValueHeads">K, key and value heads; divides H.</param>
/// <param name="HeadWidth">d, width of a head.</param>
/// <param name="Window">How many tokens back a token sees, itself included; 0: all.</param>
/// <param name="NormEpsilon">Of the norms of queries and keys, where there are any.</param>
readonly record struct AttentionShape(int Heads, int KeyValueHeads, int HeadWidth, int Window, float NormEpsilon)
{
    /// <summary>Numbers in one row of [q, k, v].</summary>
    public int RowWidth => (Heads + 2 * KeyValueHeads) * HeadWidth;

    /// <summary>Head width, rounded up to whole lanes.</summary>
    public int Padded => Lanes.RoundUp(HeadWidth);

    /// <summary>First token that a token of the strip at <paramref name="strip"/> can see, rounded down to whole lanes.</summary>
    public int FirstSeen(int strip) => Window > 0 ? Math.Max(0, strip - Window + 1) / 16 * 16 : 0;
}
