using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larr.Serve;

/// <summary>
/// GELU with the error function, x Φ(x) (arXiv 1606.08415), as the trained modules have it. erf is Abramowitz and Stegun's formula 7.1.26, whose
/// error is at most 1.5e-7.
/// </summary>
static class Gelu
{
    /// <summary>In place; the length is a multiple of 16.</summary>
    public static void Apply(Span<float> x)
    {
        ref float start = ref MemoryMarshal.GetReference(x);
        for (int i = 0; i <= x.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref start, (nuint)i);
            Vector512<float> z = Vector512.Abs(v) * 0.70710678f; // |x| / √2
            Vector512<float> t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
            Vector512<float> p = Vector512.FusedMultiplyAdd(t, Vector512.Create(1.061405429f), Vector512.Create(-1.453152027f));
            p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(1.421413741f));
            p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-0.284496736f));
            p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(0.254829592f)) * t;
            Vector512<float> tail = p * Vector512.Exp(-z * z); // 1 − erf(z)
            // Φ(x) is 1 − tail/2 for x ≥ 0 and tail/2 below.
            Vector512<float> half = tail * 0.5f;
            Vector512<float> phi = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(v, Vector512<float>.Zero), Vector512<float>.One - half, half);
            (v * phi).StoreUnsafe(ref start, (nuint)i);
        }
    }
}

/// <summary>Layer normalisation (arXiv 1607.06450) of one row, ε = 1e-5, as the trained modules have it.</summary>
sealed class LayerNormalization(float[] weight, float[] bias)
{
    /// <summary>x [w] → y [w]; both may be the same memory.</summary>
    public void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        float mean = TensorPrimitives.Sum(x) / x.Length;
        TensorPrimitives.Subtract(x, mean, y);
        float variance = TensorPrimitives.SumOfSquares<float>(y) / y.Length;
        TensorPrimitives.Multiply(y, 1 / MathF.Sqrt(variance + 1e-5f), y);
        TensorPrimitives.MultiplyAdd(y, weight, bias, y);
    }
}
