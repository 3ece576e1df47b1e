using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Larr.Runs;

namespace Larr.Index;

/// <summary>Reads and writes the file <c>header</c> of a generation or segment (see <see cref="IndexFormat"/>).</summary>
static class HeaderFile
{
    const int Prefix = 16;

    public static byte[] Encode<T>(ReadOnlySpan<byte> magic, T header)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, IndexFormat.Json);
        byte[] bytes = new byte[Prefix + json.Length + 4];
        magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), IndexFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)json.Length);
        json.CopyTo(bytes, Prefix);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Prefix + json.Length), Crc32.HashToUInt32(bytes.AsSpan(0, Prefix + json.Length)));
        return bytes;
    }

    /// <summary>Reads, decodes and checks everything that the header alone can tell.</summary>
    /// <param name="folder">Folder of the generation or segment.</param>
    /// <param name="magic">First eight bytes.</param>
    /// <param name="check">Given the header and a test whose failure names found and expected.</param>
    /// <returns>The header, and the CRC-32 of the whole file.</returns>
    public static (T Header, uint Checksum) Read<T>(string folder, ReadOnlySpan<byte> magic, Action<T, Action<bool, string, string>> check)
    {
        string path = Path.Combine(folder, IndexFormat.Header);
        byte[] bytes = BlockFolder.ReadWhole(path);
        T header = Decode<T>(path, magic, bytes);
        check(header, (condition, found, expected) =>
        {
            if (!condition) throw Wrong(path, Prefix, found, expected);
        });
        return (header, Crc32.HashToUInt32(bytes));
    }

    /// <summary>Complains about a header that is whole and says what cannot be.</summary>
    public static InputException Wrong(string path, long offset, string found, string expected) => new(path, IndexFormat.Place(offset), found, expected);

    static T Decode<T>(string path, ReadOnlySpan<byte> magic, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Prefix + 4) throw Wrong(path, bytes.Length, $"a file of {bytes.Length} bytes", $"at least {Prefix + 4}");
        if (!bytes[..8].SequenceEqual(magic)) throw Wrong(path, 0, Convert.ToHexString(bytes[..8]), $"the magic {Convert.ToHexString(magic)}");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != IndexFormat.Version) throw Wrong(path, 8, $"format version {version}", $"version {IndexFormat.Version}");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (Prefix + (long)length + 4 != bytes.Length) throw Wrong(path, 12, $"{length} bytes of JSON in a file of {bytes.Length} bytes", $"{bytes.Length - Prefix - 4}");
        int end = Prefix + (int)length;
        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]), found = Crc32.HashToUInt32(bytes[..end]);
        if (stated != found) throw Wrong(path, end, $"checksum {stated:x8}", $"{found:x8}: the file is damaged");
        try
        {
            return JsonSerializer.Deserialize<T>(bytes[Prefix..end], IndexFormat.Json) ?? throw new JsonException("null");
        }
        catch (JsonException wrong)
        {
            throw Wrong(path, Prefix, $"a header that does not parse ({wrong.Message.ReplaceLineEndings(" ")})", "the header of an index");
        }
    }
}
