using Larr.Stats;

namespace Larr.Tests.Stats;

public sealed class ComparisonTests
{
    [Fact]
    public void Interval_of_three_values_uses_student_t_with_two_degrees()
    {
        // Mean 2, standard error 1/√3, t(.975; 2) = 4.302653.
        Interval interval = Interval.OfMean([1, 2, 3]);
        Assert.Equal(2, interval.Mean);
        Assert.Equal(2 - (4.302653 / Math.Sqrt(3)), interval.Low, 5);
        Assert.Equal(2 + (4.302653 / Math.Sqrt(3)), interval.High, 5);
    }

    [Fact]
    public void A_single_value_has_no_interval() => Assert.True(double.IsNaN(Interval.OfMean([1]).Low));

    [Fact]
    public void Paired_test_of_differences_one_two_three()
    {
        // t = 2 / (1/√3) = 3.4641 on 2 degrees: p = .0742.
        Assert.Equal(.0742, PairedTest.PValue([2, 4, 6], [1, 2, 3]), 4);
    }

    [Fact]
    public void Paired_test_of_equal_runs_is_one() => Assert.Equal(1, PairedTest.PValue([1, 2], [1, 2]));

    [Fact]
    public void Holm_multiplies_the_smallest_by_the_count_and_never_decreases()
    {
        // Sorted: .01·3 = .03, .03·2 = .06, .04·1 = .04 → raised to .06.
        Assert.Equal([.03, .06, .06], Holm.Correct([.01, .04, .03]), (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Fact]
    public void Holm_does_not_count_what_was_not_tested()
    {
        double[] corrected = Holm.Correct([.01, double.NaN]);
        Assert.Equal(.01, corrected[0]);
        Assert.True(double.IsNaN(corrected[1]));
    }

    [Fact]
    public void Bootstrap_of_two_equal_scorings_is_zero_and_of_a_better_one_is_above()
    {
        byte[] labels = [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 2))];
        int[] groups = [.. Enumerable.Range(0, 400).Select(i => i / 4)];
        var random = new Random(1);
        float[] good = [.. labels.Select(l => l + (float)random.NextDouble() * 2)];
        float[] noise = [.. labels.Select(_ => (float)random.NextDouble())];
        Assert.Equal(new Interval(0, 0, 0), GroupBootstrap.AucDifference(good, good, labels, groups, 50, 1));
        Assert.True(GroupBootstrap.AucDifference(good, noise, labels, groups, 200, 1).Low > 0);
        // Of two groups, one clicked and one not, half of the draws hold one class.
        Interval few = GroupBootstrap.AucDifference([.9f, .1f], [.1f, .9f], [1, 0], [0, 1], 50, 1);
        Assert.Equal(new Interval(1, 1, 1), few);
    }
}
