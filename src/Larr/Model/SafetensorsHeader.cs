using System.Buffers.Binary;
using System.Text.Json;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>One tensor of a safetensors file; offsets count from the end of the header.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Type">float32, float16 or bfloat16.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Begin">Offset of its first byte.</param>
/// <param name="End">Offset after its last byte.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file: 8 bytes of length (little-endian), then JSON. Read strictly: at most 100 MB, no name
/// twice, sizes that multiply to the bytes named, bytes that are covered without holes or overlaps up to the end of the file.
/// </summary>
static class SafetensorsHeader
{
    const long MaxLength = 100_000_000;

    /// <summary>Entries in order of their bytes, and the offset in the file where the first begins.</summary>
    public static (List<SafetensorsEntry> Entries, long DataStart) Read(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8) throw new InputException(file, "size", $"{stream.Length} bytes", "a safetensors file of at least 8 bytes");
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength || length > (ulong)(stream.Length - 8))
            throw new InputException(file, "header length", $"{length}", $"at most {Math.Min(MaxLength, stream.Length - 8)} (file of {stream.Length} bytes)");
        byte[] json = new byte[length];
        stream.ReadExactly(json);
        if (json.Length == 0 || json[0] != (byte)'{') throw new InputException(file, "header", "other bytes", "a JSON object");
        List<SafetensorsEntry> entries = Parse(json, file);
        Verify(entries, stream.Length - 8 - json.Length, file);
        return (entries, 8 + json.Length);
    }

    static List<SafetensorsEntry> Parse(byte[] json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return [.. document.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").Select(p => Entry(p, file)).OrderBy(e => e.Begin).ThenBy(e => e.End)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InputException(file, "header", "malformed JSON", "name → dtype, shape, data_offsets; each name once");
        }
    }

    static SafetensorsEntry Entry(JsonProperty property, string file)
    {
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2) throw new FormatException();
        return new SafetensorsEntry(
            property.Name,
            property.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => ScalarType.Float32,
                "F16" => ScalarType.Float16,
                "BF16" => ScalarType.BFloat16,
                var other => throw new InputException(file, property.Name, $"dtype {other}", "F32, F16 or BF16"),
            },
            [.. property.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())],
            offsets[0].GetInt64(),
            offsets[1].GetInt64());
    }

    static void Verify(List<SafetensorsEntry> entries, long dataLength, string file)
    {
        long end = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            // A size of 0 makes the tensor empty but must not hide an overflow of the others.
            UInt128 bytes = (UInt128)(uint)ElementSize(entry.Type);
            foreach (long size in entry.Shape)
            {
                if (size < 0) throw new InputException(file, entry.Name, $"size {size}", "sizes of at least 0");
                bytes *= (ulong)Math.Max(size, 1);
                if (bytes > long.MaxValue) throw new InputException(file, entry.Name, $"shape [{string.Join(", ", entry.Shape)}]", "a shape that fits the file");
            }
            if (entry.Shape.Contains(0)) bytes = 0;
            if (entry.Begin != end) throw new InputException(file, entry.Name, $"offset {entry.Begin}", $"{end}: no holes and no overlaps");
            if (entry.End < entry.Begin || bytes != (UInt128)(entry.End - entry.Begin))
                throw new InputException(file, entry.Name, $"{entry.End - entry.Begin} bytes", $"{bytes} bytes for shape [{string.Join(", ", entry.Shape)}]");
            end = entry.End;
        }
        if (end != dataLength) throw new InputException(file, "data", $"{dataLength} bytes", $"{end} bytes; the file is {(dataLength < end ? "cut off" : "too long")}");
    }

    public static int ElementSize(ScalarType type) => type == ScalarType.Float32 ? 4 : 2;
}
