namespace Larr.Index.Servers;

/// <summary>The checks that a server's generation must pass before it goes live.</summary>
public static class ServerGates
{
    const int Queries = 16;
    const int Nearest = 10;

    /// <summary>How far below 1 the cosine of a vector to itself may come out. Our choice: float32 sums, and searches over int8 copies that are scored again.</summary>
    const float SelfTolerance = 2e-3f;

    /// <summary>
    /// <c>count</c>; <c>canary</c>: rows from all over, searched for by their own vectors, find themselves or one equally near, with the hash of the wanted text;
    /// <c>recall</c>: the server's approximate search against its exact one.
    /// </summary>
    /// <returns>The recall of the ten nearest; null where there is one row.</returns>
    /// <exception cref="IndexGateException">A check failed.</exception>
    public static async Task<double?> Check(IIndexServer server, GenerationName built, ServerComparison comparison, double minRecall, CancellationToken cancel)
    {
        long count = await server.Count(built, cancel);
        if (count != comparison.Wanted.Count) throw new IndexGateException("count", $"{count} rows instead of {comparison.Wanted.Count}");

        Dictionary<Guid, int> places = Chosen(comparison.Wanted.Count).ToDictionary(w => comparison.Ids[w]);
        return await Canaries(server, built, [.. places.Keys], minRecall, hit => hit.Hash == comparison.Hashes.Span[places[hit.Id]] && hit.Text == comparison.Wanted[places[hit.Id]], cancel);
    }

    /// <summary>The same for a generation that is there: the rows that it gives are as many as it says, and canaries have the identity and hash of their own text.</summary>
    /// <inheritdoc cref="Check"/>
    public static async Task<(long Rows, double? Recall)> Verify(IIndexServer server, GenerationName generation, double minRecall, CancellationToken cancel)
    {
        var ids = new List<Guid>();
        await foreach (ServerRow row in server.Rows(generation, cancel)) ids.Add(row.Id);
        long count = await server.Count(generation, cancel);
        if (count == 0 || count != ids.Distinct().Count()) throw new IndexGateException("count", $"{ids.Count} rows are read of {count}");
        return (count, await Canaries(server, generation, [.. Chosen(ids.Count).Select(r => ids[r])], minRecall,
            hit => hit.Hash == hit.Text.Hash && hit.Id == RowId.Of(hit.Text.Field, hit.Text.Value), cancel));
    }

    static async Task<double?> Canaries(IIndexServer server, GenerationName generation, Guid[] ids, double minRecall, Func<ServerHit, bool> right, CancellationToken cancel)
    {
        IReadOnlyDictionary<Guid, float[]> vectors = await server.Vectors(generation, ids, cancel);
        (int found, int all) = (0, 0);
        foreach (Guid id in ids)
        {
            if (!vectors.TryGetValue(id, out float[]? vector)) throw new IndexGateException("canary", $"row {id} is not there");
            IReadOnlyList<ServerHit> exact = await server.Nearest(generation, vector, Nearest + 1, exact: true, new SearchFilter(), cancel);
            IReadOnlyList<ServerHit> approximate = await server.Nearest(generation, vector, Nearest + 1, exact: false, new SearchFilter(), cancel);
            if (exact.Count == 0 || !(exact[0].Score >= 1 - SelfTolerance)) throw new IndexGateException("canary", $"row {id} is not found by its own vector");
            if (exact.FirstOrDefault(h => h.Id == id) is { } self && !right(self)) throw new IndexGateException("canary", $"row {id} is stored as {self.Text}");
            HashSet<Guid> near = [.. Others(exact, id)];
            all += near.Count;
            found += Others(approximate, id).Count(near.Contains);
        }
        if (all == 0) return null;
        double recall = (double)found / all;
        return recall >= minRecall ? recall : throw new IndexGateException("recall", $"the approximate search finds {recall:F3} of the exact {Nearest} nearest instead of {minRecall:F3}");
    }

    /// <summary>Evenly spaced places.</summary>
    static IEnumerable<int> Chosen(int count)
    {
        int queries = Math.Min(Queries, count);
        return Enumerable.Range(0, queries).Select(q => (int)((long)count * q / queries));
    }

    static IEnumerable<Guid> Others(IReadOnlyList<ServerHit> hits, Guid self) => hits.Where(h => h.Id != self).Take(Nearest).Select(h => h.Id);
}
