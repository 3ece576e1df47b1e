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
}
