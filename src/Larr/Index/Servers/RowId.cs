using System.Buffers.Binary;
using System.Globalization;
using Larr.Embed;

namespace Larr.Index.Servers;

/// <summary>
/// The identity of a row on a server: a UUID of version 8 (RFC 9562, free use) made of the content hash of (field, value), so that a row has the same
/// identity in every generation, a request sent twice stores it once, and readers can compute it without asking. The hash of (field, text), by
/// which a refresh sees that the text changed, is stored beside.
/// </summary>
public static class RowId
{
    /// <summary>The identity of a value of a field.</summary>
    public static Guid Of(string field, string value) => Of(ContentHash.Of(field, value));

    /// <summary>The identity of a row by its content hash of (field, value).</summary>
    public static Guid Of(UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A content hash as 32 hexadecimal digits.</summary>
    public static string Hex(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Reads what <see cref="Hex"/> wrote; null for anything else.</summary>
    public static UInt128? FromHex(string? hex) =>
        hex is { Length: 32 } && UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 hash) ? hash : null;
}
