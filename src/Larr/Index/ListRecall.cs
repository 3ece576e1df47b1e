namespace Larr.Index;

/// <summary>
/// Measures how much of the exact result the inverted lists find. The queries are rows of the segment, and each row is left out of its own
/// result: finding itself would be no achievement.
/// </summary>
static class ListRecall
{
    const int Queries = 64;
    const int Nearest = 10;

    /// <summary>The fewest lists, doubling, whose recall is at least <paramref name="wanted"/>, and that recall.</summary>
    public static (int Probes, double Recall) Choose(StoredVectors vectors, InvertedLists lists, double wanted)
    {
        int queries = Math.Min(Queries, vectors.Count), dimension = vectors.Dimension;
        int[] rows = [.. Enumerable.Range(0, queries).Select(q => (int)((2L * q + 1) * vectors.Count / (2 * queries)))];
        float[] units = new float[queries * dimension];
        for (int q = 0; q < queries; q++) vectors.Copy(rows[q], 1, units.AsSpan(q * dimension, dimension));

        var all = new RowFilter(0, vectors.Count);
        HashSet<int>[] exact = Exact(vectors, units, rows, all);
        for (int probes = 1; ; probes = Math.Min(2 * probes, lists.Header.Count))
        {
            int found = 0;
            ParallelRanges.Run(0, queries, 1, (from, to) =>
            {
                for (int q = from; q < to; q++)
                {
                    var best = new TopRows(Nearest + 1);
                    lists.Search(units.AsSpan(q * dimension, dimension), probes, Generation.Rescored(Nearest + 1), all, 0, best);
                    Interlocked.Add(ref found, best.Sorted().Where(h => h.Row != rows[q]).Take(Nearest).Count(h => exact[q].Contains(h.Row)));
                }
            });
            double recall = (double)found / Math.Max(1, exact.Sum(e => e.Count));
            if (recall >= wanted || probes == lists.Header.Count) return (probes, recall);
        }
    }

    static HashSet<int>[] Exact(StoredVectors vectors, float[] units, int[] rows, RowFilter all)
    {
        using var panels = new VectorPanels(units, vectors.Dimension);
        TopRows[] best = [.. rows.Select(_ => new TopRows(Nearest + 1))];
        var turn = new Lock();
        int piece = Math.Max(4096, (vectors.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        ParallelRanges.Run(0, vectors.Count, piece, (from, to) =>
        {
            TopRows[] own = [.. rows.Select(_ => new TopRows(Nearest + 1))];
            ExactScan.Many(vectors, from, to, panels, all, 0, own);
            lock (turn)
                for (int q = 0; q < rows.Length; q++) best[q].AddAll(own[q]);
        });
        return [.. best.Select((b, q) => b.Sorted().Where(h => h.Row != rows[q]).Take(Nearest).Select(h => h.Row).ToHashSet())];
    }
}
