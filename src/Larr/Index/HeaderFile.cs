using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Larr.Runs;

namespace Larr.Index;

/// <summary>Reads and writes the file <c>header</c> of a generation (see <see cref="IndexFormat"/>).</summary>
static class HeaderFile
{
    const int Prefix = 16;

    public static byte[] Encode(GenerationHeader header)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, IndexFormat.Json);
        byte[] bytes = new byte[Prefix + json.Length + 4];
        IndexFormat.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), IndexFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)json.Length);
        json.CopyTo(bytes, Prefix);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Prefix + json.Length), Crc32.HashToUInt32(bytes.AsSpan(0, Prefix + json.Length)));
        return bytes;
    }

    /// <summary>Decodes and checks everything that the header alone can tell.</summary>
    public static GenerationHeader Decode(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Prefix + 4) throw Wrong(path, bytes.Length, $"a file of {bytes.Length} bytes", $"at least {Prefix + 4}");
        if (!bytes[..8].SequenceEqual(IndexFormat.Magic)) throw Wrong(path, 0, Convert.ToHexString(bytes[..8]), $"the magic {Convert.ToHexString(IndexFormat.Magic)}");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != IndexFormat.Version) throw Wrong(path, 8, $"format version {version}", $"version {IndexFormat.Version}");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (Prefix + (long)length + 4 != bytes.Length) throw Wrong(path, 12, $"{length} bytes of JSON in a file of {bytes.Length} bytes", $"{bytes.Length - Prefix - 4}");
        int end = Prefix + (int)length;
        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]), found = Crc32.HashToUInt32(bytes[..end]);
        if (stated != found) throw Wrong(path, end, $"checksum {stated:x8}", $"{found:x8}: the file is damaged");

        try
        {
            GenerationHeader header = JsonSerializer.Deserialize<GenerationHeader>(bytes[Prefix..end], IndexFormat.Json) ?? throw new JsonException("null");
            CheckShape(path, header);
            return header;
        }
        catch (JsonException wrong)
        {
            throw Wrong(path, Prefix, $"a header that does not parse ({wrong.Message})", "the header of a generation");
        }
    }

    static void CheckShape(string path, GenerationHeader header)
    {
        void Expect(bool condition, string found, string expected)
        {
            if (!condition) throw Wrong(path, Prefix, found, expected);
        }

        Expect(header.Type == "float32", $"type {header.Type}", "float32");
        Expect(header.Metric == "cosine", $"metric {header.Metric}", "cosine");
        Expect(header.Generation > 0, $"generation {header.Generation}", "a number from 1");
        Expect(header.Count is >= 0 and <= 1 << 30, $"count {header.Count}", $"0 to {1 << 30}");
        Expect(header.Identity.Dimension is > 0 and <= 1 << 20, $"dimension {header.Identity.Dimension}", $"1 to {1 << 20}");
        Expect(header.Lengths.Count == IndexFormat.Files.Length, $"{header.Lengths.Count} lengths", $"{IndexFormat.Files.Length}");

        long n = header.Count;
        long[] fixedLengths = [16 * n, 16 * n, 4L * IndexFormat.SlotCount(header.Count), 8 * (n + 1), -1, 8 * (n + 1), -1, 8 * n, 4 * n * header.Identity.Dimension];
        for (int f = 0; f < fixedLengths.Length; f++)
            Expect(fixedLengths[f] < 0 ? header.Lengths[f] >= 0 : header.Lengths[f] == fixedLengths[f], $"length {header.Lengths[f]} of {IndexFormat.Files[f]}", $"{fixedLengths[f]}");

        long next = 0;
        foreach (FieldRange field in header.Fields)
        {
            Expect(field.First == next && field.Count > 0, $"field {field.Name} at row {field.First} with {field.Count} rows", $"some rows from {next} on");
            next += field.Count;
        }
        Expect(next == n, $"fields of {next} rows together", $"{n}");
        Expect(header.Fields.Select(f => f.Name).Distinct().Count() == header.Fields.Count, "a field twice", "each field once");
    }

    static InputException Wrong(string path, long offset, string found, string expected) => new(path, $"block 0 at byte {offset}", found, expected);
}
