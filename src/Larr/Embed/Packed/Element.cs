using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>A type of activations: how sixteen of them become float32 and come back. All arithmetic outside the products is float32.</summary>
unsafe interface IElement<T> where T : unmanaged, IElement<T>
{
    /// <summary>The tensor library's name of the type.</summary>
    static abstract ScalarType Type { get; }

    /// <summary>Sixteen elements.</summary>
    static abstract Vector512<float> Load(T* from);

    /// <summary>Stores sixteen elements.</summary>
    static abstract void Store(Vector512<float> values, T* to);
}

/// <summary>float32.</summary>
readonly unsafe struct Float32Element(float value) : IElement<Float32Element>
{
    readonly float _value = value;

    public static ScalarType Type => ScalarType.Float32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(Float32Element* from) => Vector512.Load((float*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, Float32Element* to) => values.Store((float*)to);
}

/// <summary>bfloat16: the upper half of a float32, rounded to the nearest, ties to even.</summary>
readonly unsafe struct BFloat16Element(ushort bits) : IElement<BFloat16Element>
{
    readonly ushort _bits = bits;

    public static ScalarType Type => ScalarType.BFloat16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(BFloat16Element* from)
    {
        Vector256<ushort> half = Vector256.Load((ushort*)from);
        Vector512<uint> whole = Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(half) : Vector512.Create(Vector256.WidenLower(half), Vector256.WidenUpper(half));
        return (whole << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, BFloat16Element* to)
    {
        Vector512<uint> bits = values.AsUInt32();
        // The carry could turn a NaN into another number; a quiet NaN of the same upper half stays one.
        Vector512<uint> rounded = bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One);
        Vector512<uint> whole = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, bits | Vector512.Create(0x400000u)) >> 16;
        Narrow(whole, to);
    }

    /// <summary>Stores sixteen numbers as <see cref="Store"/> does, but a tie away from zero, which takes half the instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWeight(Vector512<float> values, BFloat16Element* to) => Narrow((values.AsUInt32() + Vector512.Create(0x8000u)) >> 16, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Narrow(Vector512<uint> whole, BFloat16Element* to)
    {
        Vector256<ushort> half = Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(whole) : Vector256.Narrow(whole.GetLower(), whole.GetUpper());
        half.Store((ushort*)to);
    }
}
