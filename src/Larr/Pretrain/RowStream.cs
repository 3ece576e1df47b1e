namespace Larr.Pretrain;

/// <summary>Rows without end, in a new order each pass; the n-th row is a function of n and the seed, so a position is enough to resume.</summary>
sealed class RowStream(PackedRows rows, int seed)
{
    readonly int[] order = new int[rows.Count];
    long pass = -1;

    /// <summary>The rows drawn from.</summary>
    public PackedRows Rows { get; } = rows;

    /// <summary>Row numbers from position <paramref name="from"/> on.</summary>
    public int[] Take(long from, int count)
    {
        int[] taken = new int[count];
        for (int i = 0; i < count; i++)
        {
            (long wanted, long place) = Math.DivRem(from + i, order.Length);
            if (wanted != pass) Shuffle(wanted);
            taken[i] = order[place];
        }
        return taken;
    }

    void Shuffle(long wanted)
    {
        pass = wanted;
        for (int i = 0; i < order.Length; i++) order[i] = i;
        new Random(HashCode(wanted)).Shuffle(order);
    }

    int HashCode(long wanted) => unchecked(seed * 1_000_003 + (int)wanted * 7919);
}
