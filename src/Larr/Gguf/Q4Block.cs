using System.Buffers.Binary;

namespace Larr.Gguf;

/// <summary>
/// ggml's Q4_0: 32 values as one float16 scale d, the value of the largest size divided by −8, and 32 numbers q from 0 to 15 of four bits, the first sixteen
/// in the lower halves of the bytes; a value is d · (q − 8). Rounding and the reciprocal of the unrounded scale are ggml's, so that the bytes are the same.
/// </summary>
public static class Q4Block
{
    /// <summary>Values in a block.</summary>
    public const int Values = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 2 + Half;

    const int Half = Values / 2;

    /// <summary>Encodes whole blocks.</summary>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (; values.Length >= Values; values = values[Values..], bytes = bytes[Bytes..])
        {
            float most = 0;
            foreach (float value in values[..Values])
                if (MathF.Abs(value) > MathF.Abs(most)) most = value;
            float scale = most / -8, inverse = scale == 0 ? 0 : 1 / scale;
            BinaryPrimitives.WriteHalfLittleEndian(bytes, (System.Half)scale);
            for (int i = 0; i < Half; i++) bytes[2 + i] = (byte)(Level(values[i] * inverse) | (Level(values[i + Half] * inverse) << 4));
        }
    }

    /// <summary>Decodes whole blocks.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (; values.Length >= Values; values = values[Values..], bytes = bytes[Bytes..])
        {
            float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (int i = 0; i < Half; i++)
            {
                values[i] = scale * ((bytes[2 + i] & 15) - 8);
                values[i + Half] = scale * ((bytes[2 + i] >> 4) - 8);
            }
        }
    }

    static int Level(float scaled) => Math.Min(15, (int)(scaled + 8.5f));
}
