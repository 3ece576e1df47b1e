using System.Runtime.Intrinsics;
using Larr.Embed.Packed;
using MathNet.Numerics;

namespace Larr.Tests.Embed.Packed;

public sealed class ActivationTests
{
    [Fact]
    public void Gelu_and_silu_are_right_to_a_millionth()
    {
        for (float x = -9; x < 9; x += 0.0173f)
        {
            Assert.Equal(x / (1 + Math.Exp(-x)), Activation.Silu(Vector512.Create(x))[0], 1e-6);
            Assert.Equal(x * 0.5 * (1 + SpecialFunctions.Erf(x / Math.Sqrt(2))), Activation.Gelu(Vector512.Create(x))[15], 1e-6);
        }
    }
}
