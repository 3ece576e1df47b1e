using Larr.Model;

namespace Larr.Tests.Model;

/// <summary>Numbers worked by hand for heads of width 4 (two pairs: 1 and θ^-0.5).</summary>
public class RopeScalingTests
{
    static double[] Of(RopeScaling scaling, double theta, int length = 0) => scaling.Frequencies(4, theta, length);

    static void Equal(double[] expected, double[] actual)
    {
        foreach ((double e, double a) in expected.Zip(actual)) Assert.Equal(e, a, 1e-12);
    }

    [Fact]
    public void Linear_divides() => Equal([0.25, 0.0025], Of(new LinearScaling(4), 10000));

    [Fact]
    public void Dynamic_grows_the_base_with_the_text()
    {
        Equal([1, 0.1], Of(new DynamicScaling(2, 10), 100, 10));
        // At twice the length: 2·2 − 1 = 3; base 100 · 3^(4/2) = 900.
        Equal([1, 1 / 30.0], Of(new DynamicScaling(2, 10), 100, 20));
    }

    [Fact]
    public void Llama3_keeps_short_waves_stretches_long_ones_and_blends()
    {
        // Waves of 2π and 20π. In a text of 100 the first fits 15.9 times: kept; the second 1.59 times: (1.59 − 1) / 3 of it is kept.
        double kept = (10 / (2 * Math.PI) - 1) / 3;
        Equal([1, (1 - kept) * 0.0125 + kept * 0.1], Of(new Llama3Scaling(8, 1, 4, 100), 100));
        Equal([0.125, 0.0125], Of(new Llama3Scaling(8, 1, 4, 6), 100));
    }

    [Fact]
    public void Yarn_ramps_over_the_dimensions()
    {
        // 4 ln(100/2π) / (2 ln 100) = 1.2 turns once, 4 ln(100/8π) / (2 ln 100) = 0.6 four times: the ramp runs from 0 to 2.
        Equal([1, 0.5 * 0.1 / 8 + 0.5 * 0.1], Of(new YarnScaling(8, 100) { BetaFast = 4 }, 100));
        Assert.Equal(0.1 * Math.Log(8) + 1, new YarnScaling(8, 100).Magnitude, 1e-12);
        Assert.Equal(1.5, new YarnScaling(8, 100) { AttentionFactor = 1.5 }.Magnitude);
    }
}
