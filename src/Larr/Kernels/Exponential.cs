using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Larr.Kernels;

/// <summary>
/// e to the x on sixteen lanes, each by itself: x = n·ln 2 + r, the polynomial of Cephes' expf in r, and n added to the exponent.
/// Relative error below 2e-7.
/// </summary>
static class Exponential
{
    const float Least = -87f, Most = 88f;
    const byte Floor = 0b1001; // towards −∞, without exceptions

    /// <summary>exp(x); 0 below −87, x above 88 counts as 88, and what is no number stays so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> inside = Between(Least, Most, x);
        Vector512<float> n = Vector512.Round(inside * Vector512.Create(1.44269504f));
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), inside);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r); // ln 2 in two parts
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Least)), Vector512<float>.Zero, p * WholePower(n));
    }

    /// <summary>2 to the x: a polynomial in the fraction of x, and x's floor added to the exponent. Relative error below 4e-6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> OfTwo(Vector512<float> x)
    {
        if (!Avx512DQ.IsSupported) return OfTwoInParts(x);
        Vector512<float> r = Avx512DQ.Reduce(x, Floor); // x − ⌊x⌋
        Vector512<float> p = Vector512.Create(0.013670309f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.051744998f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.241604357f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.692972922f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.000003493f));
        return Avx512F.Scale(p, x); // p·2^⌊x⌋
    }

    // Without AVX-512: 2^n · exp(f·ln 2) with n whole and |f| ≤ ½. The product x·ln 2 at once would round away up to 4e-6 of a large x. 0 below −126; above 127 counts as 127.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> OfTwoInParts(Vector512<float> x)
    {
        Vector512<float> inside = Between(-126f, 127f, x), n = Vector512.Round(inside);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-126f)), Vector512<float>.Zero, Of((inside - n) * Vector512.Create(0.693147181f)) * WholePower(n));
    }

    // With x in the second place a NaN stays one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Between(float least, float most, Vector512<float> x) => Vector512.MinNative(Vector512.Create(most), Vector512.MaxNative(Vector512.Create(least), x));

    // 2 to the n for whole n from −126 to 127: the exponent alone.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> WholePower(Vector512<float> n) => ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();

    /// <summary>exp(x) of one number, by the same polynomial.</summary>
    public static float Of(float x) => Of(Vector512.Create(x)).ToScalar();
}
