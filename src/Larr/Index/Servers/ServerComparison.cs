using Larr.Embed;

namespace Larr.Index.Servers;

/// <summary>The wanted rows beside those that a server's live generation holds.</summary>
/// <param name="Wanted">All wanted rows.</param>
/// <param name="Ids">Identity of each wanted row.</param>
/// <param name="Hashes">Content hash of field and text of each wanted row.</param>
/// <param name="Embedded">Places of the wanted rows that must be embedded, ascending.</param>
/// <param name="Plan">The counts.</param>
public sealed record ServerComparison(IReadOnlyList<ValueText> Wanted, Guid[] Ids, ReadOnlyMemory<UInt128> Hashes, IReadOnlyList<int> Embedded, IndexPlan Plan)
{
    /// <summary>Compares the wanted rows, in any order, with a generation's (none where there is no generation yet).</summary>
    /// <exception cref="Runs.InputException">A row is there twice, or holds half of a surrogate pair.</exception>
    public static async Task<ServerComparison> Of(IReadOnlyList<ValueText> wanted, IAsyncEnumerable<ServerRow> live)
    {
        IndexComparison hashed = IndexComparison.Of(wanted, live: null);
        Guid[] ids = Array.ConvertAll(hashed.Ids.ToArray(), RowId.Of);
        var stored = new Dictionary<Guid, ServerRow>();
        await foreach (ServerRow row in live) stored[row.Id] = row;

        var embedded = new List<int>();
        (int unchanged, int changed, int popularity) = (0, 0, 0);
        for (int w = 0; w < ids.Length; w++)
        {
            bool known = stored.Remove(ids[w], out ServerRow row);
            if (known && row.Hash == hashed.Hashes.Span[w])
            {
                unchanged++;
                if (row.Popularity != wanted[w].Popularity) popularity++;
                continue;
            }
            embedded.Add(w);
            if (known) changed++;
        }
        return new ServerComparison(wanted, ids, hashed.Hashes, embedded, new IndexPlan(unchanged, changed, embedded.Count - changed, stored.Count, popularity));
    }
}
