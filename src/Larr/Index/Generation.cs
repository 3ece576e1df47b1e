using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// One immutable generation of an index, memory-mapped. It stays whole for as long as it is held, whatever is
/// published or deleted meanwhile. Reading is safe from any number of threads until <see cref="Dispose"/>.
/// Whatever is read has passed its checksum; damage is an <see cref="InputException"/> naming file, block and offset.
/// </summary>
/// <remarks>Row numbers are below <see cref="Capacity"/> and mean something in this generation only; some of them are dead rows, which no lookup or search gives.</remarks>
public sealed unsafe partial class Generation : IDisposable
{
    readonly Segment[] _segments;
    readonly int[] _firstRow, _firstWord;
    readonly BlockFile _dead, _popularity;
    readonly Dictionary<string, int> _fields;

    readonly Generation? _lender;

    Generation(string folder, GenerationHeader header, uint headerChecksum, Segment[] segments, BlockFile[] files, Generation? lender)
    {
        _lender = lender;
        (Folder, Header, HeaderChecksum, _segments, _dead, _popularity) = (folder, header, headerChecksum, segments, files[0], files[1]);
        (_firstRow, _firstWord) = (new int[segments.Length + 1], new int[segments.Length + 1]);
        for (int s = 0; s < segments.Length; s++)
            (_firstRow[s + 1], _firstWord[s + 1]) = (_firstRow[s] + segments[s].Count, _firstWord[s] + IndexFormat.DeadWords(segments[s].Count));
        _fields = header.Fields.ToDictionary(f => f.Name, f => f.Count);
    }

    /// <summary>Opens a generation's folder, and its segments beside it; checks headers, tables of checksums and lengths of files.</summary>
    /// <exception cref="InputException">The generation is not whole.</exception>
    public static Generation Open(string folder) => Open(folder, lender: null);

    /// <summary>The same, with the segments that <paramref name="lender"/> has open already; it must stay open for longer.</summary>
    internal static Generation Open(string folder, Generation? lender)
    {
        (GenerationHeader header, uint checksum) = HeaderFile.Read<GenerationHeader>(folder, IndexFormat.GenerationMagic, GenerationHeader.Check);
        BlockFile[] files = BlockFolder.Open(folder, IndexFormat.GenerationFiles, header.Lengths, header.Checksums);
        var segments = new List<Segment>();
        try
        {
            foreach (SegmentUse use in header.Segments)
            {
                string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(folder))!, IndexFormat.SegmentName(use.Segment));
                Segment segment = lender?.Lend(use) ?? Segment.Open(path);
                segments.Add(segment);
                if (segment.HeaderChecksum != use.Header || segment.Count != use.Rows || segment.Header.Segment != use.Segment)
                    throw HeaderFile.Wrong(Path.Combine(path, IndexFormat.Header), 0, $"segment {segment.Header.Segment} with checksum {segment.HeaderChecksum:x8}", $"segment {use.Segment} with {use.Header:x8}, as generation {header.Generation} says");
                if (segment.Header.Identity != header.Identity || segment.Header.Type != header.Type)
                    throw HeaderFile.Wrong(Path.Combine(path, IndexFormat.Header), 0, $"{segment.Header.Type} of {segment.Header.Identity}", $"{header.Type} of {header.Identity}");
            }
            return new Generation(folder, header, checksum, [.. segments], files, lender);
        }
        catch
        {
            foreach (Segment segment in segments.Except(lender?._segments ?? [])) segment.Dispose();
            foreach (BlockFile file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>The folder it was opened from.</summary>
    public string Folder { get; }

    /// <summary>Identity, count, fields, segments and file lengths.</summary>
    public GenerationHeader Header { get; }

    /// <summary>Number of the generation.</summary>
    public int Number => Header.Generation;

    /// <summary>Number of rows that are alive.</summary>
    public int Count => Header.Count;

    /// <summary>Row numbers are below this.</summary>
    public int Capacity => _firstRow[^1];

    /// <summary>Components of a vector.</summary>
    public int Dimension => Header.Identity.Dimension;

    /// <summary>CRC-32 of the whole header file, by which the pointer file <c>live</c> names exactly this generation.</summary>
    internal uint HeaderChecksum { get; }

    internal IReadOnlyList<Segment> Segments => _segments;

    /// <summary>The rows that are alive, ascending; where a field is given, those of the field.</summary>
    public IEnumerable<int> Rows(string? field = null)
    {
        for (int s = 0; s < _segments.Length; s++)
        {
            FieldRange range = field is null ? new FieldRange("", 0, _segments[s].Count) : _segments[s].Range(field);
            for (int local = range.First; local < range.First + range.Count; local++)
                if (!IsDead(s, local)) yield return _firstRow[s] + local;
        }
    }

    /// <summary>Finds the row of a value of a field by its hash; the value itself is compared as well. Allocates nothing for values below 256 characters.</summary>
    [SkipLocalsInit] // the buffers need no clearing
    public bool TryGet(ReadOnlySpan<char> field, ReadOnlySpan<char> value, out int row)
    {
        row = -1;
        if (!_fields.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(field)) return false;
        UInt128 id;
        try { id = ContentHash.Of(field, value); }
        catch (EncoderFallbackException) { return false; }
        if (Find(id) is var found && found < 0) return false;
        Span<byte> bytes = value.Length < 256 ? stackalloc byte[768] : new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        bytes = bytes[..Encoding.UTF8.GetBytes(value, bytes)];
        (Segment segment, int local) = At(found);
        if (!bytes.SequenceEqual(segment.ValueBytes(local)) || !field.SequenceEqual(segment.Field(local))) return false;
        row = found;
        return true;
    }

    /// <summary>The vector of a row, [dimension], of unit length; for float32 the file's own bytes, valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<float> Vector(int row)
    {
        (Segment segment, int local) = At(row);
        return segment.Vectors.Rows(local, 1, Header.Type == VectorType.Float32 ? default : new float[Dimension]);
    }

    /// <summary>The name of the row's field.</summary>
    public string Field(int row) => At(row) is var (segment, local) ? segment.Field(local) : "";

    /// <summary>The value of the row as it stands in the data.</summary>
    public string Value(int row) => At(row) is var (segment, local) ? segment.Value(local) : "";

    /// <summary>The value of the row in words.</summary>
    public string Text(int row) => At(row) is var (segment, local) ? segment.Text(local) : "";

    /// <summary>Number of training rows that hold the value.</summary>
    public long Popularity(int row) => _popularity.Read<long>(row);

    /// <summary>Content hash of (field, text) of the row.</summary>
    public UInt128 Hash(int row) => At(row) is var (segment, local) ? segment.Hash(local) : 0;

    /// <summary>Everything about a row but its vector.</summary>
    public ValueText Row(int row) => new(Field(row), Value(row), Text(row), Popularity(row));

    /// <summary>Reads every block of every file again and compares its checksum; then whether the dead rows are as many as the header says.</summary>
    /// <exception cref="InputException">A file is damaged.</exception>
    public void CheckAll()
    {
        _dead.CheckAll(again: true);
        _popularity.CheckAll(again: true);
        foreach (Segment segment in _segments) segment.CheckAll(again: true);
        CheckDead();
        foreach (Segment segment in _segments) segment.Lists?.CheckShape();
    }

    /// <summary>The same of what was written with this generation: its own files and the segment of its number. Shared segments were checked when they were written.</summary>
    internal void CheckWritten()
    {
        _dead.CheckAll(again: false);
        _popularity.CheckAll(again: false);
        foreach (Segment segment in _segments.Where(s => s.Header.Segment == Number)) segment.CheckAll(again: false);
        CheckDead();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Segment segment in _segments.Except(_lender?._segments ?? [])) segment.Dispose();
        _dead.Dispose();
        _popularity.Dispose();
    }

    /// <summary>The index of a row's segment.</summary>
    internal int SegmentOf(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Capacity, nameof(row));
        int s = 0;
        while (row >= _firstRow[s + 1]) s++;
        return s;
    }

    /// <summary>The first row number of a segment.</summary>
    internal int FirstRow(int segment) => _firstRow[segment];

    /// <summary>For each row its hash and popularity, cache misses overlapping; nothing where the row is −1.</summary>
    internal void Payload(ReadOnlySpan<int> rows, Span<UInt128> hashes, Span<long> popularity)
    {
        const int Ahead = 16;
        var column = (long*)_popularity.Checked();
        Span<nint> starts = stackalloc nint[_segments.Length];
        for (int s = 0; s < _segments.Length; s++) starts[s] = (nint)_segments[s].Hashes();
        for (int r = 0; r < rows.Length; r++)
        {
            if (Sse.IsSupported && r + Ahead < rows.Length && rows[r + Ahead] is var ahead && ahead >= 0)
            {
                int next = SegmentOf(ahead);
                Sse.Prefetch0((UInt128*)starts[next] + (ahead - _firstRow[next]));
                Sse.Prefetch0(column + ahead);
            }
            if (rows[r] < 0) continue;
            int segment = SegmentOf(rows[r]);
            hashes[r] = ((UInt128*)starts[segment])[rows[r] - _firstRow[segment]];
            popularity[r] = column[rows[r]];
        }
    }

    /// <summary>A segment's bitmap of dead rows.</summary>
    internal ReadOnlySpan<ulong> DeadWords(int segment) => _dead.Span<ulong>(_firstWord[segment], _firstWord[segment + 1] - _firstWord[segment]);

    /// <summary>A segment's popularities.</summary>
    internal ReadOnlySpan<long> Popularities(int segment) => _popularity.Span<long>(_firstRow[segment], _segments[segment].Count);

    Segment? Lend(SegmentUse use) => Array.Find(_segments, s => s.Header.Segment == use.Segment && s.HeaderChecksum == use.Header);

    (Segment Segment, int Local) At(int row)
    {
        int s = SegmentOf(row);
        return (_segments[s], row - _firstRow[s]);
    }

    bool IsDead(int segment, int local) => (_dead.Read<ulong>(_firstWord[segment] + (local >> 6)) >> (local & 63) & 1) != 0;

    ulong* Dead(int segment) => (ulong*)_dead.Checked() + _firstWord[segment];

    void CheckDead()
    {
        for (int s = 0; s < _segments.Length; s++)
        {
            int rows = _segments[s].Count, words = IndexFormat.DeadWords(rows), dead = 0;
            for (int w = 0; w < words; w++) dead += BitOperations.PopCount(_dead.Read<ulong>(_firstWord[s] + w));
            bool beyond = rows % 64 != 0 && _dead.Read<ulong>(_firstWord[s] + words - 1) >> (rows % 64) != 0;
            if (beyond || dead != rows - Header.Segments[s].Live)
                throw _dead.Wrong(8L * _firstWord[s], $"{dead} dead rows in segment {_segments[s].Header.Segment}", $"{rows - Header.Segments[s].Live}, and none beyond the last row");
        }
    }
}
