using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;

namespace Larr.Embed;

/// <summary>
/// The 128-bit content hashes by which values and texts are recognised. Not cryptographic: it guards against
/// chance, not against an adversary.
/// </summary>
public static class ContentHash
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// XxHash128 (seed 0) of: byte length of the field's name in UTF-8 as little-endian uint32, the name, then the
    /// second string in UTF-8. The length keeps (ab, c) apart from (a, bc).
    /// </summary>
    /// <exception cref="EncoderFallbackException">A string holds half of a surrogate pair and so has no UTF-8.</exception>
    [SkipLocalsInit] // clearing 1 KB takes longer than hashing a short text
    public static UInt128 Of(ReadOnlySpan<char> field, ReadOnlySpan<char> text)
    {
        int most = 4 + s_strict.GetMaxByteCount(field.Length) + s_strict.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= 1024 ? stackalloc byte[1024] : new byte[most];
        int name = s_strict.GetBytes(field, bytes[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)name);
        int rest = s_strict.GetBytes(text, bytes[(4 + name)..]);
        return XxHash128.HashToUInt128(bytes[..(4 + name + rest)]);
    }
}
