using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// Writes the files of one generation, row by row, ascending by field and then value (ordinal). Memory grows by
/// 16 bytes a row. Nothing is readable until <see cref="Finish"/> has written the header.
/// </summary>
public sealed class IndexWriter : IDisposable
{
    /// <summary>How far a vector's length may be from 1.</summary>
    public const float UnitTolerance = 1e-3f;

    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string _folder;
    readonly VectorIdentity _identity;
    readonly int _generation;
    readonly Dictionary<string, BlockWriter> _files;
    readonly List<UInt128> _ids = [];
    readonly List<FieldRange> _fields = [];
    string _lastField = "", _lastValue = "";

    internal IndexWriter(string folder, VectorIdentity identity, int generation)
    {
        (_folder, _identity, _generation) = (folder, identity, generation);
        _files = IndexFormat.Files.ToDictionary(name => name, name => new BlockWriter(Path.Combine(folder, name)));
        _files["values.offsets"].Write(0UL);
        _files["texts.offsets"].Write(0UL);
    }

    /// <summary>Number of rows written.</summary>
    public int Count => _ids.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Field, value, text and popularity.</param>
    /// <param name="vector">[dimension], finite, of unit length.</param>
    /// <exception cref="ArgumentException">The row does not come after the last one, or the vector has another dimension.</exception>
    /// <exception cref="InputException">The text is empty or no UTF-8, or the vector is not finite or not of unit length.</exception>
    public void Add(ValueText row, ReadOnlySpan<float> vector)
    {
        int order = string.CompareOrdinal(row.Field, _lastField);
        if (order == 0) order = string.CompareOrdinal(row.Value, _lastValue);
        if (Count > 0 && order <= 0) throw new ArgumentException($"row ({row.Field}, {row.Value}) comes after ({_lastField}, {_lastValue}); rows are ascending and distinct");
        if (vector.Length != _identity.Dimension) throw new ArgumentException($"a vector of {vector.Length} components; the index has {_identity.Dimension}");
        if (row.Text.Length == 0) throw Refuse(row, "an empty text", "a text");
        float length = TensorPrimitives.Norm(vector);
        if (!(Math.Abs(length - 1) <= UnitTolerance)) throw Refuse(row, $"a vector of length {length}", "a finite vector of length 1");

        UInt128 id, hash;
        byte[] value, text;
        try
        {
            (id, hash) = (ContentHash.Of(row.Field, row.Value), row.Hash);
            (value, text) = (s_strict.GetBytes(row.Value), s_strict.GetBytes(row.Text));
        }
        catch (EncoderFallbackException)
        {
            throw Refuse(row, "half of a surrogate pair", "a string that UTF-8 can hold");
        }

        _files["ids"].Write(id);
        _files["hashes"].Write(hash);
        WriteString("values", value);
        WriteString("texts", text);
        _files["popularity"].Write(row.Popularity);
        _files["vectors"].Write(MemoryMarshal.AsBytes(vector));

        if (_fields.Count == 0 || _fields[^1].Name != row.Field) _fields.Add(new FieldRange(row.Field, Count, 0));
        _fields[^1] = _fields[^1] with { Count = _fields[^1].Count + 1 };
        _ids.Add(id);
        (_lastField, _lastValue) = (row.Field, row.Value);
    }

    /// <summary>Writes the lookup table, the checksums and last the header; everything is on the disk when it returns.</summary>
    public GenerationHeader Finish()
    {
        WriteSlots();
        foreach (BlockWriter file in _files.Values) file.Finish();
        uint[] checksums = [.. IndexFormat.Files.SelectMany(name => _files[name].Checksums)];
        ReadOnlySpan<byte> checksumBytes = MemoryMarshal.AsBytes<uint>(checksums);
        DurableFile.Write(Path.Combine(_folder, IndexFormat.Checksums), checksumBytes);

        var header = new GenerationHeader(
            _generation, Count, "float32", "cosine", _identity, _fields, [.. IndexFormat.Files.Select(name => _files[name].Length)], Crc32.HashToUInt32(checksumBytes));
        DurableFile.Write(Path.Combine(_folder, IndexFormat.Header), HeaderFile.Encode(header));
        DurableFile.FlushFolder(_folder);
        return header;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BlockWriter file in _files.Values) file.Dispose();
    }

    void WriteString(string name, byte[] bytes)
    {
        _files[name].Write(bytes);
        _files[name + ".offsets"].Write((ulong)_files[name].Length);
    }

    void WriteSlots()
    {
        uint[] slots = new uint[IndexFormat.SlotCount(Count)];
        for (int row = 0; row < Count; row++)
        {
            ulong slot = (ulong)_ids[row] & (ulong)(slots.Length - 1);
            while (slots[slot] != 0) slot = (slot + 1) & (ulong)(slots.Length - 1);
            slots[slot] = (uint)row + 1;
        }
        _files["slots"].Write(MemoryMarshal.AsBytes<uint>(slots));
    }

    InputException Refuse(ValueText row, string found, string expected) => new(_folder, $"({row.Field}, {row.Value})", found, expected);
}
