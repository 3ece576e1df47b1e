using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Larr.Ctr;

/// <summary>Eight values of a type as floats: what lets one loop serve float32 and bfloat16.</summary>
/// <typeparam name="T">The stored type.</typeparam>
unsafe interface ILane<T> where T : unmanaged
{
    static abstract Vector256<float> Load(T* from);

    static abstract void Store(Vector256<float> values, T* to);

    static abstract float Get(T value);

    static abstract T Put(float value);
}

/// <summary>float32 as it is.</summary>
readonly unsafe struct FloatLane : ILane<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* to) => values.Store(to);

    public static float Get(float value) => value;

    public static float Put(float value) => value;
}

/// <summary>bfloat16: the upper half of a float32, rounded to even.</summary>
readonly unsafe struct BFloat16Lane : ILane<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* from)
    {
        Vector128<ushort> half = Vector128.Load(from);
        if (Avx2.IsSupported) return (Avx2.ConvertToVector256Int32(half) << 16).AsSingle();
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(half);
        return (Vector256.Create(low, high) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, ushort* to)
    {
        Vector256<uint> bits = values.AsUInt32();
        bits = (bits + ((bits >> 16) & Vector256<uint>.One) + Vector256.Create(0x7FFFu)) >> 16;
        Vector128.Narrow(bits.GetLower(), bits.GetUpper()).Store(to);
    }

    public static float Get(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    public static ushort Put(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + ((bits >> 16) & 1) + 0x7FFF) >> 16);
    }
}
