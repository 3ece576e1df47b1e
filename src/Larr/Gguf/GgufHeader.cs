using System.Numerics;
using System.Runtime.InteropServices;
using Larr.Runs;

namespace Larr.Gguf;

/// <summary>
/// The header of a GGUF file, versions 2 and 3: metadata, then the tensors' names, types, sizes and offsets. Read strictly: counts and lengths
/// fit the file, no key or name occurs twice, tensors lie end to end at the alignment, and the file ends with the last of them.
/// </summary>
static class GgufHeader
{
    const uint Magic = 0x46554747; // "GGUF" in little-endian bytes
    const string AlignmentKey = "general.alignment";
    const int MostEntries = 1 << 20, MostKeyBytes = 65_535, MostNameBytes = 63, MostDimensions = 4, DefaultAlignment = 32;

    public static (GgufValues Values, List<GgufTensor> Tensors, long DataStart) Read(Stream stream, string file)
    {
        var cursor = new GgufCursor(stream, file);
        uint magic = cursor.UInt32("magic");
        if (magic != Magic) throw new InputException(file, "magic", $"0x{magic:x8}", "\"GGUF\"");
        uint version = cursor.UInt32("version");
        if (version is not (2 or 3)) throw new InputException(file, "version", $"{version}", "2 or 3, little-endian");
        int tensorCount = cursor.Count("number of tensors", 8 + 4 + 4 + 8, MostEntries);
        int valueCount = cursor.Count("number of metadata keys", 8 + 4 + 1, MostEntries);
        var values = new GgufValues(file, ReadValues(cursor, valueCount));
        long alignment = values.Has(AlignmentKey) ? values.Number(AlignmentKey) : DefaultAlignment;
        if (alignment is < 1 or > 1 << 20 || !BitOperations.IsPow2(alignment)) throw new InputException(file, AlignmentKey, $"{alignment}", "a power of two");
        List<GgufTensor> tensors = [.. Enumerable.Range(0, tensorCount).Select(t => ReadTensor(cursor, t))];
        long start = Align(cursor.Position, alignment);
        Verify(tensors, start, alignment, cursor);
        return (values, tensors, start);
    }

    public static long Align(long offset, long alignment) => (offset + alignment - 1) / alignment * alignment;

    static Dictionary<string, object> ReadValues(GgufCursor cursor, int count)
    {
        Dictionary<string, object> values = [];
        for (int k = 0; k < count; k++)
        {
            string key = cursor.Text($"metadata key {k}", MostKeyBytes);
            var type = (GgufType)cursor.UInt32(key);
            object value = type == GgufType.Array ? ReadArray(cursor, key) : ReadItems(cursor, key, type, 1).GetValue(0)!;
            if (!values.TryAdd(key, value)) throw new InputException(cursor.File, "metadata", $"{key} a second time", "each key once");
        }
        return values;
    }

    static Array ReadArray(GgufCursor cursor, string key)
    {
        var type = (GgufType)cursor.UInt32(key);
        Known(cursor, key, type);
        return ReadItems(cursor, key, type, cursor.Count(key, type.LeastBytes()));
    }

    static Array ReadItems(GgufCursor cursor, string key, GgufType type, int count)
    {
        Known(cursor, key, type);
        if (type == GgufType.String)
        {
            string[] texts = new string[count];
            for (int i = 0; i < count; i++) texts[i] = cursor.Text(key);
            return texts;
        }
        Array items = type.NewArray(count);
        Span<byte> bytes = MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(items), checked(count * type.LeastBytes()));
        if (type != GgufType.Bool)
        {
            cursor.Fill(bytes, key);
            return items;
        }
        byte[] flags = new byte[count];
        cursor.Fill(flags, key);
        if (flags.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw new InputException(cursor.File, key, "another byte", "booleans of 0 or 1");
        flags.CopyTo(bytes);
        return items;
    }

    static void Known(GgufCursor cursor, string key, GgufType type)
    {
        if (type.LeastBytes() == 0) throw new InputException(cursor.File, key, $"type {(uint)type}", "a number, boolean or string, or an array of these");
    }

    static GgufTensor ReadTensor(GgufCursor cursor, int index)
    {
        string name = cursor.Text($"tensor {index}", MostNameBytes);
        uint dimensions = cursor.UInt32(name);
        if (dimensions > MostDimensions) throw new InputException(cursor.File, name, $"{dimensions} dimensions", $"at most {MostDimensions}");
        long[] shape = new long[dimensions];
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            ulong size = cursor.UInt64(name);
            shape[d] = size <= long.MaxValue ? (long)size : throw new InputException(cursor.File, name, $"size {size}", "sizes below 2⁶³");
        }
        var type = (GgmlType)cursor.UInt32(name);
        if (type.Block() is not { } block) throw new InputException(cursor.File, name, $"tensor type {(uint)type}", string.Join(", ", Enum.GetNames<GgmlType>()));
        long bytes = type.Bytes(shape) ?? throw new InputException(
            cursor.File, name, $"shape [{string.Join(", ", shape)}]", $"rows of whole {type} blocks ({block.Values} values) that fit the file");
        ulong offset = cursor.UInt64(name);
        return new GgufTensor(name, type, shape, offset <= long.MaxValue ? (long)offset : throw new InputException(cursor.File, name, $"offset {offset}", "an offset in the file"), bytes);
    }

    static void Verify(List<GgufTensor> tensors, long start, long alignment, GgufCursor cursor)
    {
        if (tensors.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InputException(cursor.File, "tensors", $"{twice.Key} a second time", "each name once");
        long end = 0, limit = cursor.Length - start;
        foreach (GgufTensor tensor in tensors)
        {
            long expected = Align(end, alignment);
            if (tensor.Offset != expected) throw new InputException(cursor.File, tensor.Name, $"offset {tensor.Offset}", $"{expected}: no holes and no overlaps");
            if (tensor.Bytes > limit - tensor.Offset)
                throw new InputException(cursor.File, tensor.Name, $"{tensor.Bytes} bytes from {start + tensor.Offset}", $"a tensor within the file's {cursor.Length} bytes; it is cut off");
            end = tensor.Offset + tensor.Bytes;
        }
        if (limit > Align(end, alignment))
            throw new InputException(cursor.File, "data", $"{limit} bytes", $"{end} bytes; the file is too long");
    }
}
