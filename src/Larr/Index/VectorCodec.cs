using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larr.Index;

/// <summary>Unit vectors ↔ stored bytes.</summary>
static class VectorCodec
{
    /// <summary>How far from 1 the length of a decoded vector may be.</summary>
    public const float UnitTolerance = 1e-3f;

    /// <summary>Bytes of one component.</summary>
    public static int Size(VectorType type) => type switch { VectorType.Float32 => 4, VectorType.Float16 => 2, _ => 1 };

    /// <summary>
    /// Encodes a vector. Int8: component → round(127 · component / largest), in −127 … 127; the scale is 1 over the length of
    /// those whole numbers, so that the decoded vector has length 1 (our own choice: the cosine does not depend on it).
    /// </summary>
    /// <returns>The scale: decoded = stored · scale. 1 for floats.</returns>
    public static float Encode(VectorType type, ReadOnlySpan<float> vector, Span<byte> into)
    {
        switch (type)
        {
            case VectorType.Float32:
                MemoryMarshal.AsBytes(vector).CopyTo(into);
                return 1;
            case VectorType.Float16:
                TensorPrimitives.ConvertToHalf(vector, MemoryMarshal.Cast<byte, Half>(into));
                return 1;
            default:
                return EncodeInt8(vector, MemoryMarshal.Cast<byte, sbyte>(into));
        }
    }

    public static float EncodeInt8(ReadOnlySpan<float> vector, Span<sbyte> into)
    {
        float largest = TensorPrimitives.MaxMagnitude(vector);
        float factor = 127 / Math.Abs(largest);
        long squares = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            int whole = (int)MathF.Round(vector[i] * factor);
            into[i] = (sbyte)whole;
            squares += whole * whole;
        }
        return (float)(1 / Math.Sqrt(squares));
    }

    /// <summary>Decodes whole vectors of <paramref name="dimension"/> components, each with its own scale if they are int8.</summary>
    public static void Decode(VectorType type, ReadOnlySpan<byte> stored, ReadOnlySpan<float> scales, int dimension, Span<float> into)
    {
        switch (type)
        {
            case VectorType.Float32:
                stored.CopyTo(MemoryMarshal.AsBytes(into));
                return;
            case VectorType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(stored), into);
                return;
            default:
                ReadOnlySpan<sbyte> codes = MemoryMarshal.Cast<byte, sbyte>(stored);
                for (int r = 0; r < scales.Length; r++)
                    DecodeInt8(codes.Slice(r * dimension, dimension), scales[r], into.Slice(r * dimension, dimension));
                return;
        }
    }

    static void DecodeInt8(ReadOnlySpan<sbyte> codes, float scale, Span<float> into)
    {
        int i = 0;
        var factor = Vector128.Create(scale);
        for (; i + 16 <= codes.Length; i += 16)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Create(codes.Slice(i, 16)));
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(low);
            (Vector128<int> c, Vector128<int> d) = Vector128.Widen(high);
            (Vector128.ConvertToSingle(a) * factor).CopyTo(into[i..]);
            (Vector128.ConvertToSingle(b) * factor).CopyTo(into[(i + 4)..]);
            (Vector128.ConvertToSingle(c) * factor).CopyTo(into[(i + 8)..]);
            (Vector128.ConvertToSingle(d) * factor).CopyTo(into[(i + 12)..]);
        }
        for (; i < codes.Length; i++) into[i] = codes[i] * scale;
    }
}
