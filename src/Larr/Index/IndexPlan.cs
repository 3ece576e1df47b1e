using Larr.Embed;

namespace Larr.Index;

/// <summary>What a refresh would do, found by comparing content hashes with the live generation.</summary>
/// <param name="Unchanged">Rows whose vector is reused.</param>
/// <param name="Changed">Rows of a known value whose text changed: embedded anew.</param>
/// <param name="New">Rows of a value not seen before: embedded.</param>
/// <param name="Deleted">Rows of the live generation that are no longer wanted.</param>
/// <param name="Popularity">Unchanged rows whose popularity changed; nothing is embedded for them.</param>
public sealed record IndexPlan(int Unchanged, int Changed, int New, int Deleted, int Popularity)
{
    /// <summary>Is the live generation already what is wanted?</summary>
    public bool IsEmpty => Changed + New + Deleted + Popularity == 0;

    /// <summary>One line: the counts.</summary>
    public override string ToString() => $"unchanged {Unchanged}, changed {Changed}, new {New}, deleted {Deleted}";

    /// <summary>Compares the wanted rows with a generation (null: there is none yet).</summary>
    public static IndexPlan Compare(IReadOnlyList<ValueText> wanted, Generation? live)
    {
        int unchanged = 0, changed = 0, added = 0, popularity = 0;
        foreach (ValueText text in wanted)
        {
            if (live is null || !live.TryGet(text.Field, text.Value, out int row)) added++;
            else if (live.Hash(row) != text.Hash) changed++;
            else
            {
                unchanged++;
                if (live.Popularity(row) != text.Popularity) popularity++;
            }
        }
        return new IndexPlan(unchanged, changed, added, (live?.Count ?? 0) - unchanged - changed, popularity);
    }
}
