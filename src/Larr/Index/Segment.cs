using System.Text;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// An immutable set of rows with their lookup table and vectors, memory-mapped. Which of the rows are alive is the
/// generation's business.
/// </summary>
sealed partial class Segment : IDisposable
{
    readonly BlockFile[] _files;
    readonly BlockFile _ids, _hashes, _slots, _valueOffsets, _values, _textOffsets, _texts;
    readonly Dictionary<string, FieldRange> _fields;
    readonly int[] _firstOfField;

    Segment(SegmentHeader header, uint headerChecksum, BlockFile[] files)
    {
        (Header, HeaderChecksum, _files) = (header, headerChecksum, files);
        (_ids, _hashes, _slots, _valueOffsets, _values, _textOffsets, _texts) = (files[0], files[1], files[2], files[3], files[4], files[5], files[6]);
        _fields = header.Fields.ToDictionary(f => f.Name);
        _firstOfField = [.. header.Fields.Select(f => f.First)];
        Vectors = new StoredVectors(header.Type, header.Identity.Dimension, files[7], files[8]);
        Lists = header.Lists is null ? null : new InvertedLists(header.Lists, Vectors, files.AsSpan(9..));
    }

    /// <summary>Opens a segment's folder and checks its header, its table of checksums and the lengths of its files.</summary>
    /// <exception cref="InputException">The segment is not whole.</exception>
    public static Segment Open(string folder)
    {
        (SegmentHeader header, uint checksum) = HeaderFile.Read<SegmentHeader>(folder, IndexFormat.SegmentMagic, SegmentHeader.Check);
        return new Segment(header, checksum, BlockFolder.Open(folder, IndexFormat.SegmentFiles, header.Lengths, header.Checksums));
    }

    public SegmentHeader Header { get; }

    public uint HeaderChecksum { get; }

    public int Count => Header.Count;

    public StoredVectors Vectors { get; }

    /// <summary>The approximate index, where there is one.</summary>
    public InvertedLists? Lists { get; }

    /// <summary>The rows of a field; none where it has no rows here.</summary>
    public FieldRange Range(string field) => _fields.GetValueOrDefault(field) ?? new FieldRange(field, 0, 0);

    public string Field(int row)
    {
        int range = Array.BinarySearch(_firstOfField, row);
        return Header.Fields[range >= 0 ? range : ~range - 1].Name;
    }

    public ReadOnlySpan<byte> ValueBytes(int row) => Bytes(_valueOffsets, _values, row);

    public string Value(int row) => Encoding.UTF8.GetString(ValueBytes(row));

    public string Text(int row) => Encoding.UTF8.GetString(Bytes(_textOffsets, _texts, row));

    public UInt128 Id(int row) => _ids.Read<UInt128>(row);

    public UInt128 Hash(int row) => _hashes.Read<UInt128>(row);

    /// <summary>The first of all hashes; every block has been checked.</summary>
    public unsafe UInt128* Hashes() => (UInt128*)_hashes.Checked();

    /// <summary>Compares every block's checksum, those checked before only if asked to do so <paramref name="again"/>.</summary>
    public void CheckAll(bool again)
    {
        foreach (BlockFile file in _files) file.CheckAll(again);
    }

    public void Dispose()
    {
        foreach (BlockFile file in _files) file.Dispose();
        Lists?.Dispose();
    }

    static ReadOnlySpan<byte> Bytes(BlockFile offsets, BlockFile heap, int row)
    {
        ReadOnlySpan<ulong> range = offsets.Span<ulong>(row, 2);
        if (range[0] > range[1] || range[1] > (ulong)heap.Length || range[1] - range[0] > int.MaxValue)
            throw offsets.Wrong(8L * row, $"a string from {range[0]} to {range[1]}", $"a range within {heap.Length} bytes");
        return heap.Span<byte>((long)range[0], (int)(range[1] - range[0]));
    }
}
