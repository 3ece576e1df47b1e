using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Larr.Kernels;

/// <summary>
/// Sixteen numbers at a time, computed in float32 and stored in some type. Kernels are written once over this and run on the
/// widest registers that the processor has.
/// </summary>
unsafe interface ILanes
{
    /// <summary>Bytes of one stored number.</summary>
    static abstract int Size { get; }

    /// <summary>The sixteen numbers from number <paramref name="i"/> on.</summary>
    static abstract Vector512<float> Load(void* at, long i);

    /// <summary>Stores sixteen numbers, rounded to nearest even.</summary>
    static abstract void Store(void* at, long i, Vector512<float> value);

    /// <summary>One number, for the tail of a row.</summary>
    static abstract float Get(void* at, long i);

    /// <summary>Stores one number.</summary>
    static abstract void Set(void* at, long i, float value);
}

/// <summary>float32.</summary>
readonly unsafe struct Float32Lanes : ILanes
{
    public static int Size => 4;

    public static Vector512<float> Load(void* at, long i) => Vector512.Load((float*)at + i);

    public static void Store(void* at, long i, Vector512<float> value) => value.Store((float*)at + i);

    public static float Get(void* at, long i) => ((float*)at)[i];

    public static void Set(void* at, long i, float value) => ((float*)at)[i] = value;
}

/// <summary>bfloat16: the upper half of a float32.</summary>
readonly unsafe struct BFloat16Lanes : ILanes
{
    public static int Size => 2;

    public static Vector512<float> Load(void* at, long i)
    {
        Vector256<ushort> half = Vector256.Load((ushort*)at + i);
        Vector512<uint> bits = Avx512F.IsSupported
            ? Avx512F.ConvertToVector512UInt32(half)
            : Vector512.Create(Vector256.WidenLower(half), Vector256.WidenUpper(half));
        return (bits << 16).AsSingle();
    }

    public static void Store(void* at, long i, Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        bits = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        Vector256<ushort> half = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(bits)
            : Vector256.Narrow(bits.GetLower(), bits.GetUpper());
        half.Store((ushort*)at + i);
    }

    public static float Get(void* at, long i) => BitConverter.UInt32BitsToSingle((uint)((ushort*)at)[i] << 16);

    public static void Set(void* at, long i, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)at)[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

/// <summary>What many lanes come to.</summary>
static class Lanes
{
    const int Count = 16;

    /// <summary>The next multiple of sixteen.</summary>
    public static int RoundUp(int count) => (count + Count - 1) / Count * Count;

    /// <summary>The largest lane.</summary>
    public static float Max(Vector512<float> values)
    {
        Vector256<float> eight = Vector256.Max(values.GetLower(), values.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }
}
