namespace Larr.Gguf;

/// <summary>How the values of a tensor are stored, under ggml's own numbers.</summary>
public enum GgmlType : uint
{
    /// <summary>float32.</summary>
    F32 = 0,

    /// <summary>IEEE float16.</summary>
    F16 = 1,

    /// <summary>4 bits and a scale for 32 values.</summary>
    Q4_0 = 2,

    /// <summary>4 bits, a scale and a minimum for 32 values.</summary>
    Q4_1 = 3,

    /// <summary>5 bits and a scale for 32 values.</summary>
    Q5_0 = 6,

    /// <summary>5 bits, a scale and a minimum for 32 values.</summary>
    Q5_1 = 7,

    /// <summary>8 bits and a scale for 32 values; see <see cref="Q8Block"/>.</summary>
    Q8_0 = 8,

    /// <summary>2-bit super-blocks.</summary>
    Q2_K = 10,

    /// <summary>3-bit super-blocks.</summary>
    Q3_K = 11,

    /// <summary>4-bit super-blocks.</summary>
    Q4_K = 12,

    /// <summary>5-bit super-blocks.</summary>
    Q5_K = 13,

    /// <summary>6-bit super-blocks.</summary>
    Q6_K = 14,

    /// <summary>bfloat16.</summary>
    BF16 = 30,
}

/// <summary>Sizes of the tensor types: values come in blocks that never cross the end of a row.</summary>
public static class GgmlTypes
{
    /// <summary>Values and bytes of one block; null for a type that is not known here.</summary>
    public static (int Values, int Bytes)? Block(this GgmlType type) => type switch
    {
        GgmlType.F32 => (1, 4),
        GgmlType.F16 or GgmlType.BF16 => (1, 2),
        GgmlType.Q4_0 => (Q4Block.Values, Q4Block.Bytes),
        GgmlType.Q4_1 => (32, 20),
        GgmlType.Q5_0 => (32, 22),
        GgmlType.Q5_1 => (32, 24),
        GgmlType.Q8_0 => (Q8Block.Values, Q8Block.Bytes),
        GgmlType.Q2_K => (256, 84),
        GgmlType.Q3_K => (256, 110),
        GgmlType.Q4_K => (256, 144),
        GgmlType.Q5_K => (256, 176),
        GgmlType.Q6_K => (256, 210),
        _ => null,
    };

    /// <summary>Bytes of a tensor with these sizes (outermost first); null where a row is no whole number of blocks or the product overflows.</summary>
    public static long? Bytes(this GgmlType type, IReadOnlyList<long> shape)
    {
        if (type.Block() is not { } block) return null;
        UInt128 values = 1;
        foreach (long size in shape)
        {
            if (size < 0) return null;
            values *= (ulong)size;
            if (values > long.MaxValue / 256) return null;
        }
        long row = shape.Count == 0 ? 1 : shape[^1];
        return row % block.Values == 0 ? (long)values / block.Values * block.Bytes : null;
    }
}
