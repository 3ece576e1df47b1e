using System.Runtime.Intrinsics;
using Larr.Embed.Packed;

namespace Larr.Tests.Embed.Packed;

public sealed unsafe class BFloat16ElementTests
{
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
