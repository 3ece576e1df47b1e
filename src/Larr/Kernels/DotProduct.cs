using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>The inner product of two rows, of which one may be stored in another type.</summary>
static unsafe class DotProduct
{
    const int Lanes = 16;

    /// <summary>Σ x[i]·y[i] over <paramref name="count"/> numbers, in float32.</summary>
    public static float Of<TLanes>(void* x, float* y, int count) where TLanes : ILanes
    {
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= count - Lanes; i += Lanes) sum += TLanes.Load(x, i) * Vector512.Load(y + i);
        float rest = 0;
        for (; i < count; i++) rest += TLanes.Get(x, i) * y[i];
        return Vector512.Sum(sum) + rest;
    }
}
