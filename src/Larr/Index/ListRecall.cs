namespace Larr.Index;

/// <summary>
/// Measures how much of the exact result the inverted lists find. The queries are rows of the segment, and each row is left out of its own
/// result: finding itself would be no achievement. They are a sample, so the recall that counts is their mean less two standard errors.
/// </summary>
static class ListRecall
{
    const int Queries = 256;
    const int Nearest = 10;

    /// <summary>How many standard errors a mean must lie above what is wanted.</summary>
    const int Errors = 2;

    /// <summary>The fewest lists, to an eighth, whose recall is at least <paramref name="wanted"/> beyond chance, and that recall.</summary>
    public static (int Probes, double Recall) Choose(StoredVectors vectors, InvertedLists lists, double wanted)
    {
        int queries = Math.Min(Queries, vectors.Count), dimension = vectors.Dimension;
        int[] rows = [.. Enumerable.Range(0, queries).Select(q => (int)((2L * q + 1) * vectors.Count / (2 * queries)))];
        float[] units = new float[queries * dimension];
        for (int q = 0; q < queries; q++) vectors.Copy(rows[q], 1, units.AsSpan(q * dimension, dimension));
        HashSet<int>[] exact = Exact(vectors, units, rows, new RowFilter(0, vectors.Count));

        (double Mean, double Error) Recall(int probes) => Measure(vectors, lists, units, rows, exact, probes);
        bool Enough((double Mean, double Error) recall) => recall.Mean - (Errors * recall.Error) >= wanted;
        int all = lists.Header.Count, few = 0, enough = 1;
        (double Mean, double Error) reached = Recall(enough);
        for (; !Enough(reached) && enough < all; reached = Recall(enough)) (few, enough) = (enough, Math.Min(2 * enough, all));
        while (enough - few > Math.Max(1, few / 8))
        {
            int middle = (few + enough) / 2;
            (double Mean, double Error) between = Recall(middle);
            if (Enough(between)) (enough, reached) = (middle, between);
            else few = middle;
        }
        return (enough, reached.Mean);
    }

    /// <summary>Mean over the queries of the share found in so many lists, and its standard error.</summary>
    static (double Mean, double Error) Measure(StoredVectors vectors, InvertedLists lists, float[] units, int[] rows, HashSet<int>[] exact, int probes)
    {
        double[] shares = new double[rows.Length];
        ParallelRanges.Run(0, rows.Length, 4, (from, to) =>
        {
            for (int q = from; q < to; q++)
            {
                var best = new TopRows(Nearest + 1);
                lists.Search(units.AsSpan(q * vectors.Dimension, vectors.Dimension), probes, Generation.Rescored(Nearest + 1), new RowFilter(0, vectors.Count), 0, best);
                int found = best.Sorted().Where(h => h.Row != rows[q]).Take(Nearest).Count(h => exact[q].Contains(h.Row));
                shares[q] = exact[q].Count == 0 ? 1 : (double)found / exact[q].Count;
            }
        });
        double mean = shares.Average();
        return (mean, Math.Sqrt(shares.Sum(s => (s - mean) * (s - mean)) / Math.Max(1, shares.Length - 1) / shares.Length));
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
