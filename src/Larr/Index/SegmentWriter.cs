using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// Writes the files of one segment, row by row, ascending by field and then value (ordinal). Memory grows by
/// 16 bytes a row. Nothing is readable until <see cref="Finish"/> has written the header.
/// </summary>
sealed class SegmentWriter : IDisposable
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly Disk _disk;
    readonly string _folder;
    readonly VectorIdentity _identity;
    readonly VectorType _type;
    readonly BlockWriter[] _files;
    readonly BlockWriter _idFile, _hashFile, _slotFile, _valueOffsets, _values, _textOffsets, _texts, _vectors, _scales;
    readonly List<UInt128> _ids = [];
    readonly List<(string Name, int First)> _firstOfField = [];
    readonly byte[] _stored;
    byte[] _utf8 = new byte[1024];
    string _lastField = "", _lastValue = "";

    public SegmentWriter(Disk disk, string folder, VectorIdentity identity, VectorType type)
    {
        (_disk, _folder, _identity, _type) = (disk, folder, identity, type);
        _files = BlockFolder.Create(disk, folder, IndexFormat.SegmentFiles);
        _stored = new byte[StoredVectors.RowBytes(type, identity.Dimension)];
        (_idFile, _hashFile, _slotFile, _valueOffsets, _values) = (_files[0], _files[1], _files[2], _files[3], _files[4]);
        (_textOffsets, _texts, _vectors, _scales) = (_files[5], _files[6], _files[7], _files[8]);
        _valueOffsets.Write(0UL);
        _textOffsets.Write(0UL);
    }

    /// <summary>Number of rows written.</summary>
    public int Count => _ids.Count;

    /// <summary>Adds a row with a vector of the embedder.</summary>
    /// <param name="row">Field, value and text.</param>
    /// <param name="id">Content hash of field and value.</param>
    /// <param name="hash">Content hash of field and text.</param>
    /// <param name="vector">[dimension], finite, of unit length.</param>
    /// <exception cref="ArgumentException">The row does not come after the last one, or the vector has another dimension.</exception>
    /// <exception cref="InputException">The text is empty or no UTF-8, or the vector is not finite or not of unit length.</exception>
    public void Add(ValueText row, UInt128 id, UInt128 hash, ReadOnlySpan<float> vector)
    {
        if (vector.Length != _identity.Dimension) throw new ArgumentException($"a vector of {vector.Length} components; the index has {_identity.Dimension}");
        float length = TensorPrimitives.Norm(vector);
        if (!(Math.Abs(length - 1) <= VectorCodec.UnitTolerance)) throw Refuse(row, $"a vector of length {length}", "a finite vector of length 1");
        float scale = VectorCodec.Encode(_type, vector, _stored);
        Add(row, id, hash, _stored, scale);
    }

    /// <summary>Adds a row whose vector another segment has, as it is stored there.</summary>
    public void Add(ValueText row, UInt128 id, UInt128 hash, StoredVectors from, int at) => Add(row, id, hash, from.Stored(at), from.Scale(at));

    /// <summary>Writes the lookup table and the lists, then the checksums and last the header; everything is on the disk when it returns.</summary>
    /// <param name="number">Number of the segment.</param>
    /// <param name="config">From how many rows on there are lists, and the recall they must have.</param>
    /// <returns>The header.</returns>
    public SegmentHeader Finish(int number, IndexConfig config)
    {
        WriteSlots();
        ListsHeader? lists = null;
        if (Count >= config.ApproximateFrom && _identity.Dimension <= ListCodes.MaxDimension)
        {
            using BlockFile vectors = _vectors.Reopen(), scales = _scales.Reopen();
            lists = new InvertedListsBuilder(new StoredVectors(_type, _identity.Dimension, vectors, scales)).Write(_files.AsSpan(^5..), config.Recall);
        }
        (long[] lengths, uint checksums) = BlockFolder.Finish(_disk, _folder, _files);
        var header = new SegmentHeader(number, Count, _type, _identity, Fields(), lists, lengths, checksums);
        _disk.Write(Path.Combine(_folder, IndexFormat.Header), HeaderFile.Encode(IndexFormat.SegmentMagic, header));
        _disk.FlushFolder(_folder);
        return header;
    }

    public void Dispose()
    {
        foreach (BlockWriter file in _files) file.Dispose();
    }

    void Add(ValueText row, UInt128 id, UInt128 hash, ReadOnlySpan<byte> stored, float scale)
    {
        int order = string.CompareOrdinal(row.Field, _lastField);
        if (order == 0) order = string.CompareOrdinal(row.Value, _lastValue);
        if (Count > 0 && order <= 0) throw new ArgumentException($"row ({row.Field}, {row.Value}) comes after ({_lastField}, {_lastValue}); rows are ascending and distinct");
        if (row.Text.Length == 0) throw Refuse(row, "an empty text", "a text");

        _idFile.Write(id);
        _hashFile.Write(hash);
        WriteString(_values, _valueOffsets, row.Value);
        WriteString(_texts, _textOffsets, row.Text);
        _vectors.Write(stored);
        if (_type == VectorType.Int8) _scales.Write(scale);

        if (Count == 0 || _lastField != row.Field) _firstOfField.Add((row.Field, Count));
        _ids.Add(id);
        (_lastField, _lastValue) = (row.Field, row.Value);
    }

    void WriteString(BlockWriter file, BlockWriter offsets, string text)
    {
        int most = s_strict.GetMaxByteCount(text.Length);
        if (most > _utf8.Length) _utf8 = new byte[most];
        file.Write(_utf8.AsSpan(0, s_strict.GetBytes(text, _utf8)));
        offsets.Write((ulong)file.Length);
    }

    FieldRange[] Fields() =>
        [.. _firstOfField.Select((f, i) => new FieldRange(f.Name, f.First, (i + 1 < _firstOfField.Count ? _firstOfField[i + 1].First : Count) - f.First))];

    void WriteSlots()
    {
        ulong[] slots = new ulong[IndexFormat.SlotCount(Count)];
        ReadOnlySpan<UInt128> ids = CollectionsMarshal.AsSpan(_ids);
        for (int row = 0; row < ids.Length; row++)
        {
            ulong slot = (ulong)ids[row] & (ulong)(slots.Length - 1);
            while (slots[slot] != 0) slot = (slot + 1) & (ulong)(slots.Length - 1);
            slots[slot] = ((ulong)Segment.Tag(ids[row]) << 32) | ((uint)row + 1);
        }
        _slotFile.WriteAll<ulong>(slots);
    }

    InputException Refuse(ValueText row, string found, string expected) => new(_folder, $"({row.Field}, {row.Value})", found, expected);
}
