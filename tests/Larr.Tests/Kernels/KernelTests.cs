using System.Runtime.Intrinsics;
using CsCheck;
using Larr.Kernels;

namespace Larr.Tests.Kernels;

public unsafe class KernelTests
{
    [Fact]
    public void Exp_is_within_two_ten_millionths() =>
        Gen.Float[-86, 87].Sample(x => Assert.Equal(1, Exponential.Of(x) / Math.Exp(x), 2e-7), iter: 5_000);

    [Fact]
    public void Exp_of_the_far_negative_is_zero_and_of_nothing_is_nothing()
    {
        Assert.Equal(0, Exponential.Of(-90f));
        Assert.Equal(0, Exponential.Of(float.NegativeInfinity));
        Assert.Equal(1, Exponential.Of(0f));
        Assert.True(float.IsNaN(Exponential.Of(float.NaN)));
    }

    [Fact]
    public void A_power_of_two_is_within_four_millionths_and_of_nothing_is_nothing()
    {
        Gen.Float[-120, 20].Sample(x => Assert.Equal(1, OfTwo(x) / Math.Pow(2, x), 4e-6), iter: 5_000);
        Assert.Equal(1, OfTwo(-112.86093f) / Math.Pow(2, -112.86093f), 4e-6); // where x·ln 2 rounds most
        Assert.Equal([0, 0], new[] { -200, float.NegativeInfinity }.Select(OfTwo));
        Assert.True(float.IsNaN(OfTwo(float.NaN)));

        static float OfTwo(float x) => Exponential.OfTwo(Vector512.Create(x)).ToScalar();
    }

    [Fact]
    public void Bfloat16_is_rounded_to_nearest_even()
    {
        ushort* stored = stackalloc ushort[16];
        // 1 + 2⁻⁸ lies in the middle of 1 and 1 + 2⁻⁷ and goes to the even 1; 1 + 3·2⁻⁸ to the even 1 + 2⁻⁶.
        float[] values = [1, 1 + 1 / 256f, 1 + 3 / 256f, -1 - 1 / 255f, 0, 3e38f, 1e-30f, -7.03f, 1, 1, 1, 1, 1, 1, 1, 1];
        BFloat16Lanes.Store(stored, 0, Vector512.Create(values));
        Assert.Equal([1, 1, 1 + 1 / 64f, -1 - 1 / 128f, 0], Enumerable.Range(0, 5).Select(i => BFloat16Lanes.Get(stored, i)));
        for (int i = 0; i < 16; i++)
        {
            ushort lane = stored[i];
            BFloat16Lanes.Set(stored, i, values[i]);
            Assert.Equal(lane, stored[i]);
            Assert.Equal(BFloat16Lanes.Get(stored, i), BFloat16Lanes.Load(stored, 0)[i]);
        }
    }

    [Fact]
    public void A_small_product_is_the_sum_of_its_loops() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 40], Gen.Int[1, 4], Gen.Bool, Gen.Bool, Gen.Int).Sample((eights, inner, sixteens, transposed, add, seed) =>
        {
            (int rows, int columns) = (eights * 8, sixteens * 16);
            var random = new Random(seed);
            float[] a = Numbers(rows * inner), b = Numbers(inner * columns), c = Numbers(rows * columns), expected = [.. c];
            (int row, int column) = transposed ? (1, rows) : (inner, 1);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++)
                    expected[i * columns + j] = (add ? c[i * columns + j] : 0) + Enumerable.Range(0, inner).Sum(k => a[i * row + k * column] * b[k * columns + j]);
            fixed (float* x = a, y = b, z = c) SmallProduct.Multiply(x, row, column, y, columns, z, columns, rows, inner, columns, add);
            for (int i = 0; i < c.Length; i++) Assert.Equal(expected[i], c[i], 1e-4);

            float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        }, iter: 50);

    [Fact]
    public void Cross_entropy_and_its_gradient_by_hand()
    {
        // Logits ln 1, ln 2, ln 5: shares 1/8, 2/8, 5/8.
        float[] logits = [0, MathF.Log(2), MathF.Log(5)];
        long target = 1;
        fixed (float* row = logits)
        {
            Assert.Equal(Math.Log(4), CrossEntropyKernel<Float32Lanes>.Run(row, &target, 1, 3, 0, 1), 1e-6);
            Assert.Equal(MathF.Log(2), logits[1]);
            CrossEntropyKernel<Float32Lanes>.Run(row, &target, 1, 3, 2, 1);
        }
        Assert.Equal([0.25f, -1.5f, 1.25f], logits.Select(l => MathF.Round(l, 5)));
    }

    [Fact]
    public void Adamw_by_hand_for_the_first_step()
    {
        // At the first step the corrected moments are g and g², so a weight moves by the rate, against the sign of g.
        float[] w = [.. Enumerable.Repeat(1f, 19)], g = [.. Enumerable.Range(0, 19).Select(i => i % 2 == 0 ? 0.5f : -2f)], m = new float[19], v = new float[19];
        fixed (float* weight = w, gradient = g, first = m, second = v)
            AdamWKernel.Update(weight, gradient, first, second, 19, new AdamWUpdate(0.1, 0.9, 0.95, 1e-8, 0.5, 0.25, 1), 1);
        for (int i = 0; i < 19; i++) Assert.Equal(i % 2 == 0 ? 0.85 : 1.05, w[i], 1e-5); // 1 · (1 − 0.1 · 0.5) ∓ 0.1
        Assert.Equal(0.1 * 0.125, m[0], 1e-7);
        Assert.Equal(0.05 * 0.25, v[1], 1e-7);
        fixed (float* gradient = g) Assert.Equal(10 * 0.25 + 9 * 4, AdamWKernel.SquaredNorm(gradient, 19, 1), 1e-9);
    }
}
