using System.Numerics.Tensors;

namespace Larr.Index;

public sealed unsafe partial class Generation
{
    static readonly SearchFilter s_all = new();

    /// <summary>Multiplications below which starting threads costs more than it saves (measured on two cores).</summary>
    const long WorthThreads = 4_000_000;

    /// <summary>More pieces than threads, so that a thread whose core others use too does not make the rest wait for its half.</summary>
    const int PiecesPerThread = 4;

    /// <summary>The k rows of the largest cosine to a query: exact, largest first, equal ones by row; the same for any number of threads.</summary>
    /// <param name="query">[dimension], of any length but zero.</param>
    /// <param name="k">How many rows to find; fewer where there are not so many.</param>
    /// <param name="field">Only rows of this field; null for all.</param>
    public IReadOnlyList<Hit> Search(ReadOnlySpan<float> query, int k, string? field = null) => Search(query, k, new SearchFilter { Field = field })[0];

    /// <summary>The same for many queries at once, [Q, dimension], which is far faster than one after the other.</summary>
    /// <param name="queries">[Q, dimension], none of length zero.</param>
    /// <param name="k">How many rows to find for each.</param>
    /// <param name="filter">Which rows count.</param>
    /// <param name="threads">Threads; 0: one for each core.</param>
    /// <returns>For each query its hits, best first.</returns>
    public Hit[][] Search(ReadOnlySpan<float> queries, int k, SearchFilter filter, int threads = 0)
    {
        float[] units = Units(queries, k);
        if (filter.Values is not null) return SearchValues(units, k, filter);
        TopRows[] best = [.. Enumerable.Range(0, units.Length / Dimension).Select(_ => new TopRows(Math.Min(k, Count)))];
        if (Count > 0)
            for (int s = 0; s < _segments.Length; s++) Scan(s, units, Filter(s, filter), best, threads);
        return [.. best.Select(b => b.Sorted())];
    }

    /// <summary>One query's nearest rows by the approximate index, where a segment has one; small segments are searched exactly. See <see cref="ListsHeader"/>.</summary>
    /// <inheritdoc cref="Search(ReadOnlySpan{float}, int, SearchFilter, int)"/>
    /// <param name="queries">[Q, dimension], none of length zero.</param>
    /// <param name="k">How many rows to find for each.</param>
    /// <param name="filter">Which rows count; null: all.</param>
    /// <param name="probes">Lists to read in each segment; 0: as many as gave the recall asked for when they were built.</param>
    /// <param name="threads">Threads; 0: one for each core.</param>
    public Hit[][] SearchApproximate(ReadOnlySpan<float> queries, int k, SearchFilter? filter = null, int probes = 0, int threads = 0)
    {
        filter ??= s_all;
        float[] units = Units(queries, k);
        if (filter.Values is not null) return SearchValues(units, k, filter);
        var best = new TopRows[units.Length / Dimension];
        for (int q = 0; q < best.Length; q++) best[q] = new TopRows(Math.Min(k, Count));
        for (int s = 0; s < _segments.Length; s++)
        {
            RowFilter rows = Filter(s, filter);
            if (_segments[s].Lists is not { } lists || Lists(lists, rows, probes) is not int read)
            {
                Scan(s, units, rows, best, threads);
                continue;
            }
            int firstRow = _firstRow[s];
            ParallelRanges.Run(0, best.Length, 4, threads == 0 ? Environment.ProcessorCount : threads, (from, to) =>
            {
                for (int q = from; q < to; q++)
                {
                    ReadOnlySpan<float> query = units.AsSpan(q * Dimension, Dimension);
                    var found = new TopRows(k);
                    lists.Search(query, read, Rescored(k), rows, firstRow, found);
                    // A filter may leave too little in the lists read; then they all are.
                    if (found.Count < Math.Min(k, rows.Count) && read < lists.Header.Count)
                        lists.Search(query, lists.Header.Count, Rescored(k), rows, firstRow, found = new TopRows(k));
                    best[q].AddAll(found);
                }
            });
        }
        return [.. best.Select(b => b.Sorted())];
    }

    /// <summary>Rows that are scored exactly after the codes have ranked them: our own choice, enough that the codes' rounding costs no recall.</summary>
    internal static int Rescored(int k) => Math.Max(32, 4 * k);

    /// <summary>Lists to read so that as many rows of a field are seen as of all rows; null where reading the field's range is cheaper.</summary>
    static int? Lists(InvertedLists lists, RowFilter rows, int probes)
    {
        int read = Math.Min(probes > 0 ? probes : lists.Header.Probes, lists.Header.Count);
        if (rows.Count == 0 || rows.Count <= 2 * lists.RowsRead(read)) return null;
        long all = lists.RowsRead(lists.Header.Count);
        return (int)Math.Min(lists.Header.Count, read * all / rows.Count);
    }

    void Scan(int segment, float[] units, RowFilter filter, TopRows[] best, int threads)
    {
        if (filter.Count == 0) return;
        StoredVectors vectors = _segments[segment].Vectors;
        vectors.Check(filter.First, filter.Count);
        int cores = threads == 0 ? Environment.ProcessorCount : threads, firstRow = _firstRow[segment];
        if ((long)filter.Count * units.Length < WorthThreads) cores = 1;
        using VectorPanels? panels = best.Length < ExactScan.WorthPanels ? null : new VectorPanels(units, Dimension);
        var turn = new Lock();
        int pieces = cores == 1 ? 1 : cores * PiecesPerThread;
        ParallelRanges.Run(filter.First, filter.End, (filter.Count + pieces - 1) / pieces, cores, (from, to) =>
        {
            TopRows[] own = [.. best.Select(b => new TopRows(b.Limit))];
            if (panels is null) ExactScan.Few(vectors, from, to, units, filter, firstRow, own);
            else ExactScan.Many(vectors, from, to, panels, filter, firstRow, own);
            lock (turn)
                for (int q = 0; q < best.Length; q++) best[q].AddAll(own[q]);
        });
    }

    /// <summary>Scores the few rows that hold the values asked for.</summary>
    Hit[][] SearchValues(float[] units, int k, SearchFilter filter)
    {
        string field = filter.Field ?? throw new ArgumentException("values without a field", nameof(filter));
        var rows = new List<int>();
        foreach (string value in filter.Values!.Distinct())
            if (TryGet(field, value, out int row) && Popularity(row) >= filter.MinPopularity) rows.Add(row);
        return
        [
            .. Enumerable.Range(0, units.Length / Dimension).Select(q =>
            {
                var best = new TopRows(Math.Max(1, Math.Min(k, rows.Count)));
                foreach (int row in rows) best.Add(new Hit(row, TensorPrimitives.Dot(units.AsSpan(q * Dimension, Dimension), Vector(row))));
                return best.Sorted();
            }),
        ];
    }

    /// <summary>The queries at unit length.</summary>
    float[] Units(ReadOnlySpan<float> queries, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (queries.Length == 0 || queries.Length % Dimension != 0) throw new ArgumentException($"queries of {queries.Length} components; the index has {Dimension}", nameof(queries));
        float[] units = queries.ToArray();
        for (int first = 0; first < units.Length; first += Dimension)
        {
            Span<float> unit = units.AsSpan(first, Dimension);
            float length = TensorPrimitives.Norm(unit);
            if (!float.IsFinite(length) || length == 0) throw new ArgumentException($"a query of length {length}", nameof(queries));
            TensorPrimitives.Divide(unit, length, unit);
        }
        return units;
    }

    RowFilter Filter(int segment, SearchFilter filter)
    {
        FieldRange range = filter.Field is null ? new FieldRange("", 0, _segments[segment].Count) : _segments[segment].Range(filter.Field);
        ulong* dead = Header.Segments[segment].Live == _segments[segment].Count ? null : Dead(segment);
        long* popularity = filter.MinPopularity == long.MinValue ? null : (long*)_popularity.Checked() + _firstRow[segment];
        return new RowFilter(range.First, range.First + range.Count, dead, popularity, filter.MinPopularity);
    }
}
