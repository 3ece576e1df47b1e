using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// One immutable generation of an index, memory-mapped. It stays whole for as long as it is held, whatever is
/// published or deleted meanwhile. Reading is safe from any number of threads until <see cref="Dispose"/>.
/// Whatever is read has passed its checksum; damage is an <see cref="InputException"/> naming file, block and offset.
/// </summary>
public sealed partial class Generation : IDisposable
{
    readonly Dictionary<string, FieldRange> _fields;
    readonly string[] _fieldOfRange;
    readonly int[] _firstOfRange;
    readonly BlockFile _ids, _hashes, _slots, _valueOffsets, _values, _textOffsets, _texts, _popularity, _vectors;
    readonly BlockFile[] _files;

    Generation(GenerationHeader header, uint headerChecksum, BlockFile[] files)
    {
        (Header, HeaderChecksum, _files) = (header, headerChecksum, files);
        (_ids, _hashes, _slots, _valueOffsets, _values) = (files[0], files[1], files[2], files[3], files[4]);
        (_textOffsets, _texts, _popularity, _vectors) = (files[5], files[6], files[7], files[8]);
        _fields = header.Fields.ToDictionary(f => f.Name);
        _fieldOfRange = [.. header.Fields.Select(f => f.Name)];
        _firstOfRange = [.. header.Fields.Select(f => f.First)];
    }

    /// <summary>Opens a generation's folder and checks its header, its table of checksums and the lengths of its files.</summary>
    /// <exception cref="InputException">The generation is not whole.</exception>
    public static Generation Open(string folder)
    {
        string headerPath = Path.Combine(folder, IndexFormat.Header), checksumPath = Path.Combine(folder, IndexFormat.Checksums);
        byte[] headerBytes = ReadWhole(headerPath);
        GenerationHeader header = HeaderFile.Decode(headerPath, headerBytes);

        byte[] checksumBytes = ReadWhole(checksumPath);
        long blocks = header.Lengths.Sum(IndexFormat.Blocks);
        if (checksumBytes.Length != 4 * blocks)
            throw new InputException(checksumPath, $"block {checksumBytes.Length / IndexFormat.BlockSize} at byte {checksumBytes.Length}", $"a file of {checksumBytes.Length} bytes", $"{4 * blocks}");
        uint found = Crc32.HashToUInt32(checksumBytes);
        if (found != header.Checksums)
            throw new InputException(checksumPath, "block 0 at byte 0", $"checksum {found:x8}", $"{header.Checksums:x8}: the file is damaged");

        uint[] checksums = MemoryMarshal.Cast<byte, uint>(checksumBytes).ToArray();
        var files = new List<BlockFile>();
        try
        {
            int next = 0;
            foreach ((string name, long length) in IndexFormat.Files.Zip(header.Lengths))
            {
                uint[] own = checksums[next..(next += (int)IndexFormat.Blocks(length))];
                string path = Path.Combine(folder, name);
                files.Add(OpenFile(path, () => new BlockFile(path, length, own)));
            }
            return new Generation(header, Crc32.HashToUInt32(headerBytes), [.. files]);
        }
        catch
        {
            foreach (BlockFile file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>Identity, count, fields and file lengths.</summary>
    public GenerationHeader Header { get; }

    /// <summary>Number of the generation.</summary>
    public int Number => Header.Generation;

    /// <summary>Number of rows.</summary>
    public int Count => Header.Count;

    /// <summary>Components of a vector.</summary>
    public int Dimension => Header.Identity.Dimension;

    /// <summary>CRC-32 of the whole header file, by which the pointer file <c>live</c> names exactly this generation.</summary>
    internal uint HeaderChecksum { get; }

    /// <summary>Finds the row of a value of a field by its hash; the value itself is compared as well. Allocates nothing for values below 256 characters.</summary>
    public bool TryGet(ReadOnlySpan<char> field, ReadOnlySpan<char> value, out int row)
    {
        row = -1;
        if (!_fields.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(field, out FieldRange? range)) return false;
        UInt128 id;
        try { id = ContentHash.Of(field, value); }
        catch (EncoderFallbackException) { return false; }
        Span<byte> bytes = value.Length < 256 ? stackalloc byte[768] : new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        bytes = bytes[..Encoding.UTF8.GetBytes(value, bytes)];

        ulong mask = ((ulong)_slots.Length / 4) - 1;
        ulong slot = (ulong)id & mask;
        for (ulong probes = 0; probes <= mask; probes++, slot = (slot + 1) & mask)
        {
            uint entry = _slots.Read<uint>((long)slot);
            if (entry == 0) return false;
            if (entry > (uint)Count) throw _slots.Wrong(4 * (long)slot, $"row {entry - 1}", $"a row below {Count}");
            int found = (int)entry - 1;
            if (_ids.Read<UInt128>(found) != id || found < range.First || found >= range.First + range.Count) continue;
            if (!bytes.SequenceEqual(Bytes(_valueOffsets, _values, found))) continue;
            row = found;
            return true;
        }
        return false;
    }

    /// <summary>The vector of a row, [dimension], of unit length; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<float> Vector(int row) => _vectors.Span<float>((long)row * Dimension, Dimension);

    /// <summary>The name of the row's field.</summary>
    public string Field(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        int range = Array.BinarySearch(_firstOfRange, row);
        return _fieldOfRange[range >= 0 ? range : ~range - 1];
    }

    /// <summary>The value of the row as it stands in the data.</summary>
    public string Value(int row) => Encoding.UTF8.GetString(Bytes(_valueOffsets, _values, row));

    /// <summary>The value of the row in words.</summary>
    public string Text(int row) => Encoding.UTF8.GetString(Bytes(_textOffsets, _texts, row));

    /// <summary>Number of training rows that hold the value.</summary>
    public long Popularity(int row) => _popularity.Read<long>(row);

    /// <summary>Content hash of (field, text) of the row.</summary>
    public UInt128 Hash(int row) => _hashes.Read<UInt128>(row);

    /// <summary>Everything about a row but its vector.</summary>
    public ValueText Row(int row) => new(Field(row), Value(row), Text(row), Popularity(row));

    /// <summary>Reads every block of every file again and compares its checksum.</summary>
    public void CheckAll()
    {
        foreach (BlockFile file in _files) file.CheckAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BlockFile file in _files) file.Dispose();
    }

    static ReadOnlySpan<byte> Bytes(BlockFile offsets, BlockFile heap, int row)
    {
        ReadOnlySpan<ulong> range = offsets.Span<ulong>(row, 2);
        if (range[0] > range[1] || range[1] > (ulong)heap.Length || range[1] - range[0] > int.MaxValue)
            throw offsets.Wrong(8L * row, $"a string from {range[0]} to {range[1]}", $"a range within {heap.Length} bytes");
        return heap.Span<byte>((long)range[0], (int)(range[1] - range[0]));
    }

    static byte[] ReadWhole(string path) => OpenFile(path, () => File.ReadAllBytes(path));

    static T OpenFile<T>(string path, Func<T> open)
    {
        try { return open(); }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(path, "block 0 at byte 0: found no file; expected a file of a generation");
        }
    }
}
