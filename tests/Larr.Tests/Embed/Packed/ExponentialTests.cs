using System.Runtime.Intrinsics;
using Larr.Embed.Packed;
using MathNet.Numerics;

namespace Larr.Tests.Embed.Packed;

public sealed unsafe class ExponentialTests
{
    [Fact]
    public void Exp_is_right_to_three_parts_in_ten_million()
    {
        for (float x = -87; x < 88; x += 0.0371f) Assert.Equal(1, Exponential.Exp(Vector512.Create(x))[3] / Math.Exp(x), 3e-7);
    }

    [Fact]
    public void Gelu_and_silu_are_right_to_a_millionth()
    {
        for (float x = -9; x < 9; x += 0.0173f)
        {
            Assert.Equal(x / (1 + Math.Exp(-x)), Exponential.Silu(Vector512.Create(x))[0], 1e-6);
            Assert.Equal(x * 0.5 * (1 + SpecialFunctions.Erf(x / Math.Sqrt(2))), Exponential.Gelu(Vector512.Create(x))[15], 1e-6);
        }
    }

    [Fact]
    public void What_is_not_a_number_stays_so() => Assert.True(float.IsNaN(Exponential.Exp(Vector512.Create(float.NaN))[0]));

    [Theory]
    [InlineData(1f, 0x3f80)]
    [InlineData(1.00390625f, 0x3f80)] // half way between 0x3f80 and 0x3f81: to the even one
    [InlineData(1.01171875f, 0x3f82)] // half way between 0x3f81 and 0x3f82
    [InlineData(-3.1f, 0xc046)]
    [InlineData(float.PositiveInfinity, 0x7f80)]
    public void Bfloat16_is_rounded_to_the_nearest_and_ties_to_even(float value, int bits)
    {
        ushort* stored = stackalloc ushort[16];
        BFloat16Element.Store(Vector512.Create(value), (BFloat16Element*)stored);
        Assert.Equal(bits, stored[5]);
        Assert.Equal(BitConverter.Int32BitsToSingle(bits << 16), BFloat16Element.Load((BFloat16Element*)stored)[5]);
        BFloat16Element.Store(Vector512.Create(float.NaN), (BFloat16Element*)stored);
        Assert.True(float.IsNaN(BFloat16Element.Load((BFloat16Element*)stored)[0]));
    }
}
