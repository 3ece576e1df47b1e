using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Embed.Packed;

/// <summary>Gates of sixteen numbers, each lane by itself, so that a number's result does not depend on its lane.</summary>
static class Activation
{
    /// <summary>x / (1 + e^−x), the gate of SwiGLU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exponential.Of(-x));

    /// <summary>x·Φ(x), with the error function of Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x)
    {
        Vector512<float> z = Vector512.Abs(x) * Vector512.Create(0.70710678f);
        Vector512<float> t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        Vector512<float> p = Vector512.Create(1.061405429f);
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-1.453152027f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(1.421413741f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-0.284496736f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(0.254829592f));
        Vector512<float> tail = p * t * Exponential.Of(-(z * z)); // 1 − erf(z)
        Vector512<float> twice = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512.Create(2f) - tail);
        return x * twice * Vector512.Create(0.5f);
    }
}
