using System.Runtime.Intrinsics.X86;
using Larr.Embed;

namespace Larr.Index;

public sealed unsafe partial class Generation
{
    /// <summary>The row of a value by the content hash of field and value (<see cref="ContentHash.Of"/>), or −1.</summary>
    public int Find(UInt128 id)
    {
        for (int s = 0; s < _segments.Length; s++)
            if (_segments[s].Find(id) is var local && local >= 0 && !IsDead(s, local)) return _firstRow[s] + local;
        return -1;
    }

    /// <summary>
    /// The rows of many values by the content hashes of field and value; −1 where there is none. The hot path of feature joining: cache misses
    /// overlap, and checksums of the lookup table are checked once, at the first call.
    /// </summary>
    /// <param name="ids">Content hashes of field and value.</param>
    /// <param name="rows">Takes a row for each id.</param>
    public void Find(ReadOnlySpan<UInt128> ids, Span<int> rows)
    {
        if (rows.Length < ids.Length) throw new ArgumentException($"{rows.Length} places for {ids.Length} rows", nameof(rows));
        Span<int> which = stackalloc int[Segment.Batch], found = stackalloc int[Segment.Batch];
        for (int first = 0; first < ids.Length; first += Segment.Batch)
        {
            int left = Math.Min(Segment.Batch, ids.Length - first);
            for (int i = 0; i < left; i++) which[i] = first + i;
            for (int s = 0; s < _segments.Length && left > 0; s++)
            {
                ulong* dead = Dead(s);
                _segments[s].Find(ids, which[..left], found);
                int still = 0;
                for (int w = 0; w < left; w++)
                {
                    int local = found[w];
                    if (local >= 0 && (dead[local >> 6] >> (local & 63) & 1) == 0) rows[which[w]] = _firstRow[s] + local;
                    else which[still++] = which[w];
                }
                left = still;
            }
            for (int w = 0; w < left; w++) rows[which[w]] = -1;
        }
    }

    /// <summary>Checks once whatever lookups and <see cref="Payload"/> read, on all cores.</summary>
    internal void CheckLookup()
    {
        foreach (Segment segment in _segments) segment.CheckLookup();
        _dead.Checked();
        _popularity.Checked();
    }

    /// <summary>The vectors of many rows, as float32, end to end; zeros where the row is −1.</summary>
    /// <param name="rows">Rows of this generation, or −1.</param>
    /// <param name="vectors">[rows, dimension].</param>
    public void Gather(ReadOnlySpan<int> rows, Span<float> vectors)
    {
        const int Ahead = 16; // rows whose first bytes are on their way
        if (vectors.Length < (long)rows.Length * Dimension) throw new ArgumentException($"{vectors.Length} places for {rows.Length} vectors of {Dimension}", nameof(vectors));
        Span<nint> starts = stackalloc nint[_segments.Length], scales = stackalloc nint[_segments.Length];
        for (int s = 0; s < _segments.Length; s++) (starts[s], scales[s]) = _segments[s].Vectors.Checked();
        long bytes = StoredVectors.RowBytes(Header.Type, Dimension);
        for (int r = 0; r < rows.Length; r++)
        {
            if (Sse.IsSupported && r + Ahead < rows.Length && rows[r + Ahead] >= 0)
            {
                int ahead = SegmentOf(rows[r + Ahead]);
                byte* start = (byte*)starts[ahead] + ((rows[r + Ahead] - _firstRow[ahead]) * bytes);
                for (long line = 0; line < bytes; line += 64) Sse.Prefetch0(start + line);
            }
            Span<float> into = vectors.Slice(r * Dimension, Dimension);
            if (rows[r] < 0)
            {
                into.Clear();
                continue;
            }
            int s = SegmentOf(rows[r]);
            _segments[s].Vectors.CopyChecked((byte*)starts[s], (float*)scales[s], rows[r] - _firstRow[s], into);
        }
    }
}
