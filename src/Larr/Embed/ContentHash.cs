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

    /// <summary>
    /// Hashes many texts of few fields: the field's part of the bytes is kept from one text to the next. The hashes are those of <see cref="Of"/>.
    /// </summary>
    public ref struct Hasher()
    {
        byte[] _bytes = new byte[1024];
        string? _field;
        int _prefix;

        /// <summary>The hash of (field, text).</summary>
        /// <exception cref="EncoderFallbackException">A string holds half of a surrogate pair and so has no UTF-8.</exception>
        public UInt128 Of(string field, string text)
        {
            if (!string.Equals(field, _field))
            {
                _field = null;
                Reserve(4 + s_strict.GetMaxByteCount(field.Length));
                int name = s_strict.GetBytes(field, _bytes.AsSpan(4));
                BinaryPrimitives.WriteUInt32LittleEndian(_bytes, (uint)name);
                (_field, _prefix) = (field, 4 + name);
            }
            Reserve(_prefix + s_strict.GetMaxByteCount(text.Length));
            return XxHash128.HashToUInt128(_bytes.AsSpan(0, _prefix + s_strict.GetBytes(text, _bytes.AsSpan(_prefix))));
        }

        void Reserve(int size)
        {
            if (size > _bytes.Length) Array.Resize(ref _bytes, Math.Max(size, 2 * _bytes.Length));
        }
    }
}
