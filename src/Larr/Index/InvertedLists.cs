using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Larr.Index;

/// <summary>
/// The approximate index of a segment (IVF): each row stands in the list of its nearest centroid, as bytes. A search reads the lists whose
/// centroids are nearest to the query, ranks their rows by whole-number products and the best of those by the stored vectors.
/// Chosen over a graph (HNSW) because it is built in seconds on two cores, is the same for any number of threads, and reads memory in order.
/// </summary>
sealed unsafe class InvertedLists : IDisposable
{
    readonly ListsHeader _header;
    readonly StoredVectors _vectors;
    readonly BlockFile _centroids, _starts, _rows, _codes, _scales;
    readonly Lock _load = new();
    VectorPanels? _panels;
    int[] _firstGroup = [];

    public InvertedLists(ListsHeader header, StoredVectors vectors, ReadOnlySpan<BlockFile> files)
    {
        (_header, _vectors) = (header, vectors);
        (_centroids, _starts, _rows, _codes, _scales) = (files[0], files[1], files[2], files[3], files[4]);
    }

    public ListsHeader Header => _header;

    /// <summary>Rows that a search of so many lists reads on average.</summary>
    public long RowsRead(int probes) => (long)_vectors.Count * probes / _header.Count;

    /// <summary>Adds to <paramref name="best"/> the rows that look best in the nearest lists, with exact scores.</summary>
    /// <param name="query">[D], of unit length.</param>
    /// <param name="probes">How many lists to read.</param>
    /// <param name="keep">How many rows to score exactly.</param>
    /// <param name="filter">Which rows count.</param>
    /// <param name="firstRow">What is added to a row's number.</param>
    /// <param name="best">Takes the hits.</param>
    public void Search(ReadOnlySpan<float> query, int probes, int keep, in RowFilter filter, int firstRow, TopRows best)
    {
        Load();
        (sbyte[] codes, int offset) = ListCodes.Query(query);
        var looked = new TopRows(keep);
        foreach (Hit list in Nearest(query, Math.Min(probes, _header.Count)))
            Scan(list.Row, codes, offset, filter, looked);

        Span<float> scratch = _vectors.Type == VectorType.Float32 ? default : new float[_vectors.Dimension];
        foreach (Hit hit in looked.Unordered)
            best.Add(new Hit(firstRow + hit.Row, TensorPrimitives.Dot(query, _vectors.Rows(hit.Row, 1, scratch))));
    }

    /// <summary>Checks that the lists hold each row once, in ascending order.</summary>
    /// <exception cref="Runs.InputException">They do not.</exception>
    public void CheckShape()
    {
        Load();
        bool[] seen = new bool[_vectors.Count];
        for (int list = 0; list < _header.Count; list++)
        {
            (int start, int end) = Range(list);
            for (int position = start, last = -1; position < end; position++)
            {
                int row = Row(position);
                if (row <= last || seen[row]) throw _rows.Wrong(4L * position, $"row {row}", "each row once, ascending in its list");
                seen[row] = true;
                last = row;
            }
        }
    }

    public void Dispose() => _panels?.Dispose();

    /// <summary>Lays out the centroids and finds where each list's codes start; once.</summary>
    void Load()
    {
        if (Volatile.Read(ref _panels) is not null) return;
        lock (_load)
        {
            if (_panels is not null) return;
            int[] groups = new int[_header.Count + 1];
            for (int list = 0; list < _header.Count; list++)
            {
                (int start, int end) = Range(list);
                groups[list + 1] = checked(groups[list] + ((end - start + ListCodes.Group - 1) / ListCodes.Group));
            }
            if (groups[^1] != _header.Groups || Range(0).Start != 0 || Range(_header.Count - 1).End != _vectors.Count)
                throw _starts.Wrong(0, $"lists of {groups[^1]} groups", $"{_header.Groups} groups of {_vectors.Count} rows");
            _firstGroup = groups;
            Volatile.Write(ref _panels, new VectorPanels(_centroids.Span<float>(0, checked(_header.Count * _vectors.Dimension)), _vectors.Dimension));
        }
    }

    (int Start, int End) Range(int list)
    {
        ReadOnlySpan<uint> range = _starts.Span<uint>(list, 2);
        if (range[0] > range[1] || range[1] > (uint)_vectors.Count)
            throw _starts.Wrong(4L * list, $"a list from {range[0]} to {range[1]}", $"a range within {_vectors.Count} rows");
        return ((int)range[0], (int)range[1]);
    }

    int Row(int position)
    {
        uint row = _rows.Read<uint>(position);
        return row < (uint)_vectors.Count ? (int)row : throw _rows.Wrong(4L * position, $"row {row}", $"a row below {_vectors.Count}");
    }

    /// <summary>The lists of the nearest centroids.</summary>
    Hit[] Nearest(ReadOnlySpan<float> query, int count)
    {
        var nearest = new TopRows(count);
        VectorPanels panels = _panels!;
        float* products = stackalloc float[VectorPanels.Full];
        fixed (float* q = query)
        {
            for (int panel = 0; panel < panels.Panels; panel++)
            {
                panels.Score(panel, q, 1, products);
                int first = panel * panels.Width;
                for (int v = 0; v < Math.Min(panels.Width, panels.Count - first); v++)
                    if (products[v] >= nearest.Worst) nearest.Add(new Hit(first + v, products[v]));
            }
        }
        return nearest.Sorted();
    }

    void Scan(int list, sbyte[] query, int offset, in RowFilter filter, TopRows looked)
    {
        (int start, int end) = Range(list);
        if (start == end) return;
        int groupBytes = query.Length * ListCodes.Group, groups = _firstGroup[list + 1] - _firstGroup[list];
        ReadOnlySpan<byte> codes = _codes.Span<byte>((long)_firstGroup[list] * groupBytes, checked(groups * groupBytes));
        ReadOnlySpan<float> scales = _scales.Span<float>(start, end - start);
        float* tail = stackalloc float[ListCodes.Group];
        fixed (byte* group = codes)
        fixed (sbyte* q = query)
        fixed (float* scale = scales)
        {
            for (int g = 0, left = end - start; g < groups; g++, left -= ListCodes.Group)
            {
                float* own = scale + (g * ListCodes.Group);
                uint lanes = 0xffff;
                if (left < ListCodes.Group)
                {
                    scales[^left..].CopyTo(new Span<float>(tail, ListCodes.Group));
                    own = tail;
                    lanes = (1u << left) - 1;
                }
                Vector512<int> products = ListCodes.Products(group + ((long)g * groupBytes), q, query.Length) - Vector512.Create(offset);
                Vector512<float> scores = Vector512.ConvertToSingle(products) * Vector512.Load(own);
                lanes &= (uint)Vector512.GreaterThanOrEqual(scores, Vector512.Create(looked.Worst)).ExtractMostSignificantBits();
                for (; lanes != 0; lanes &= lanes - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(lanes);
                    int row = Row(start + (g * ListCodes.Group) + lane);
                    if (filter.Allows(row)) looked.Add(new Hit(row, scores[lane]));
                }
            }
        }
    }
}
