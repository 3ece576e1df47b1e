using System.Buffers.Binary;
using System.Text;
using Larr.Runs;

namespace Larr.Gguf;

/// <summary>Reads the little-endian values of a header in turn. Lengths are checked against the rest of the file before memory is taken.</summary>
sealed class GgufCursor(Stream stream, string file)
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string File => file;

    public long Position => stream.Position;

    public long Length => stream.Length;

    public uint UInt32(string place)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, place);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong UInt64(string place)
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes, place);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A number of things of at least <paramref name="leastBytes"/> bytes each.</summary>
    public int Count(string place, int leastBytes, long most = int.MaxValue)
    {
        ulong count = UInt64(place);
        ulong limit = (ulong)Math.Min(most, (Length - Position) / leastBytes);
        return count <= limit ? (int)count : throw new InputException(file, place, $"a count of {count}", $"at most {limit} (file of {Length} bytes)");
    }

    /// <summary>A string: its length in bytes, then UTF-8.</summary>
    public string Text(string place, int mostBytes = int.MaxValue)
    {
        int length = Count(place, 1, mostBytes);
        byte[]? large = length > 256 ? new byte[length] : null;
        Span<byte> bytes = large ?? stackalloc byte[length];
        Fill(bytes, place);
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new InputException(file, place, "bytes that are no UTF-8", "a UTF-8 text");
        }
    }

    public void Fill(Span<byte> bytes, string place)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InputException(file, place, $"the end of the file at byte {Length}", "a whole GGUF file; it is cut off");
    }
}
