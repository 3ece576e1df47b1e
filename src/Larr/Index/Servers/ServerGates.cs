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

        int queries = Math.Min(Queries, comparison.Wanted.Count);
        int[] rows = [.. Enumerable.Range(0, queries).Select(q => (int)((long)comparison.Wanted.Count * q / queries))];
        IReadOnlyDictionary<Guid, float[]> vectors = await server.Vectors(built, [.. rows.Select(w => comparison.Ids[w])], cancel);
        (int found, int all) = (0, 0);
        foreach (int w in rows)
        {
            Guid id = comparison.Ids[w];
            string row = $"({comparison.Wanted[w].Field}, {comparison.Wanted[w].Value})";
            if (!vectors.TryGetValue(id, out float[]? vector)) throw new IndexGateException("canary", $"{row} is not there");
            IReadOnlyList<ServerHit> exact = await server.Nearest(built, vector, Nearest + 1, exact: true, field: null, cancel);
            IReadOnlyList<ServerHit> approximate = await server.Nearest(built, vector, Nearest + 1, exact: false, field: null, cancel);
            if (exact.Count == 0 || exact[0].Score < 1 - SelfTolerance) throw new IndexGateException("canary", $"{row} is not found by its own vector");
            if (exact.FirstOrDefault(h => h.Id == id) is { } self && (self.Hash != comparison.Hashes.Span[w] || self.Text != comparison.Wanted[w]))
                throw new IndexGateException("canary", $"{row} is stored as {self.Text}");
            HashSet<Guid> right = [.. Others(exact, id)];
            all += right.Count;
            found += Others(approximate, id).Count(right.Contains);
        }
        if (all == 0) return null;
        double recall = (double)found / all;
        return recall >= minRecall ? recall : throw new IndexGateException("recall", $"the approximate search finds {recall:F3} of the exact {Nearest} nearest instead of {minRecall:F3}");
    }

    static IEnumerable<Guid> Others(IReadOnlyList<ServerHit> hits, Guid self) => hits.Where(h => h.Id != self).Take(Nearest).Select(h => h.Id);
}
