using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Larr.Ctr.Layers;

/// <summary>One bit per hidden value, sixteen of them for one vector of floats: which values dropout keeps, which ones were let through.</summary>
static unsafe class ActivationBits
{
    const int Lanes = 16;

    /// <summary>Words of a row of <paramref name="columns"/> bits.</summary>
    internal static int Words(int columns) => (columns + Lanes - 1) / Lanes;

    /// <summary>All bits of the lanes whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Mask(uint bits)
    {
        Vector512<uint> place = Vector512.Create(1u, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);
        return Vector512.Equals(Vector512.Create(bits) & place, place).AsSingle();
    }

    /// <summary>Sixteen bits and more, from bit <paramref name="at"/> on; reads up to eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Word(byte* bits, long at) => (uint)(Unsafe.ReadUnaligned<ulong>(bits + (at >> 3)) >> (int)(at & 7));
}
