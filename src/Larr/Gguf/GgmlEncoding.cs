using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Larr.Gguf;

/// <summary>float32 ↔ the bytes of F32, F16, BF16, Q8_0 and Q4_0 tensors. Rounding is to the nearest, ties to even.</summary>
public static class GgmlEncoding
{
    /// <summary>The types that can be encoded and decoded.</summary>
    public static IReadOnlyList<GgmlType> Types { get; } = [GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0];

    /// <summary>Encodes values into exactly as many bytes as they need.</summary>
    /// <exception cref="ArgumentException">The type is not one of <see cref="Types"/>, or the values are no whole number of blocks.</exception>
    public static void Encode(GgmlType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        Check(type, values.Length, bytes.Length);
        switch (type)
        {
            case GgmlType.F32: MemoryMarshal.AsBytes(values).CopyTo(bytes); break;
            case GgmlType.F16:
                for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]);
                break;
            case GgmlType.BF16:
                for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], BFloat16(values[i]));
                break;
            case GgmlType.Q4_0: Q4Block.Encode(values, bytes); break;
            default: Q8Block.Encode(values, bytes); break;
        }
    }

    /// <summary>Decodes bytes into exactly as many values as they hold.</summary>
    /// <exception cref="ArgumentException">The type is not one of <see cref="Types"/>, or the lengths do not fit each other.</exception>
    public static void Decode(GgmlType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Check(type, values.Length, bytes.Length);
        switch (type)
        {
            case GgmlType.F32: bytes.CopyTo(MemoryMarshal.AsBytes(values)); break;
            case GgmlType.F16:
                for (int i = 0; i < values.Length; i++) values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                break;
            case GgmlType.BF16:
                for (int i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                break;
            case GgmlType.Q4_0: Q4Block.Decode(bytes, values); break;
            default: Q8Block.Decode(bytes, values); break;
        }
    }

    /// <summary>The upper half of a float32, rounded to even; a NaN stays one.</summary>
    static ushort BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    static void Check(GgmlType type, int values, int bytes)
    {
        if (!Types.Contains(type)) throw new ArgumentException($"type {type}; expected one of {string.Join(", ", Types)}", nameof(type));
        (int perBlock, int blockBytes) = type.Block()!.Value;
        if (values % perBlock != 0 || values / perBlock * (long)blockBytes != bytes)
            throw new ArgumentException($"{values} values in {bytes} bytes; {type} has {perBlock} values in {blockBytes} bytes", nameof(values));
    }
}
