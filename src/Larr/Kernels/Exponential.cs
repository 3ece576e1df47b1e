using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>e to the x on sixteen lanes: x = n·ln 2 + r, a Taylor polynomial in r, and n added to the exponent. Relative error below 2.5e-7.</summary>
static class Exponential
{
    const float Least = -87f, Most = 88f;

    /// <summary>exp(x); 0 below −87, and x above 88 counts as 88.</summary>
    public static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> inside = Vector512.Min(Vector512.Max(x, Vector512.Create(Least)), Vector512.Create(Most));
        Vector512<float> n = Vector512.Round(inside * Vector512.Create(1.44269504f));
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), inside);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r); // ln 2 in two parts
        Vector512<float> p = Vector512.Create(1f / 720);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        Vector512<float> power = ((Vector512.ConvertToInt32(n) + Vector512.Create(127)) << 23).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Least)), Vector512<float>.Zero, p * power);
    }

    /// <summary>exp(x) of one number, by the same polynomial.</summary>
    public static float Of(float x) => Of(Vector512.Create(x)).ToScalar();
}
