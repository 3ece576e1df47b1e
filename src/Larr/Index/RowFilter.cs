namespace Larr.Index;

/// <summary>Which rows of a segment a search may find: a range, those alive, and those popular enough.</summary>
readonly unsafe struct RowFilter(int first, int end, ulong* dead, long* popularity, long minPopularity)
{
    /// <summary>Every row of a range.</summary>
    public RowFilter(int first, int end) : this(first, end, null, null, 0) { }

    public int First => first;

    public int End => end;

    public int Count => end - first;

    public bool Allows(int row) =>
        row >= first && row < end && (dead == null || (dead[row >> 6] >> (row & 63) & 1) == 0) && (popularity == null || popularity[row] >= minPopularity);
}
