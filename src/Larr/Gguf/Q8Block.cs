using System.Buffers.Binary;

namespace Larr.Gguf;

/// <summary>
/// ggml's Q8_0: 32 values as one float16 scale d = max|x| / 127 and 32 signed bytes round(x / d), halves away from zero.
/// Dividing goes by the reciprocal of the unrounded scale, as in ggml, so that the bytes are the same.
/// </summary>
public static class Q8Block
{
    /// <summary>Values in a block.</summary>
    public const int Values = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 2 + Values;

    /// <summary>Encodes whole blocks.</summary>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (; values.Length >= Values; values = values[Values..], bytes = bytes[Bytes..])
        {
            float most = 0;
            foreach (float value in values[..Values]) most = MathF.Max(most, MathF.Abs(value));
            float scale = most / 127, inverse = scale == 0 ? 0 : 1 / scale;
            BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)scale);
            for (int i = 0; i < Values; i++) bytes[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    /// <summary>Decodes whole blocks.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (; values.Length >= Values; values = values[Values..], bytes = bytes[Bytes..])
        {
            float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (int i = 0; i < Values; i++) values[i] = scale * (sbyte)bytes[2 + i];
        }
    }
}
