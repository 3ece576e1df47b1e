using MathNet.Numerics.Distributions;

namespace Larr.Stats;

/// <summary>Two-sided paired t test: do two settings differ, run by run, where both share seed and split?</summary>
public static class PairedTest
{
    /// <summary>
    /// p of the hypothesis that the mean of <c>a[i] − b[i]</c> is zero. With a single pair nothing can be said: NaN.
    /// Differences without any spread give 0, or 1 where they are all zero.
    /// </summary>
    public static double PValue(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count) throw new ArgumentException("the runs are not paired");
        if (a.Count < 2) return double.NaN;
        double[] difference = [.. a.Zip(b, (x, y) => x - y)];
        double mean = difference.Average();
        double variance = difference.Sum(d => (d - mean) * (d - mean)) / (difference.Length - 1);
        if (variance == 0) return mean == 0 ? 1 : 0;
        double t = mean / Math.Sqrt(variance / difference.Length);
        return 2 * StudentT.CDF(0, 1, difference.Length - 1, -Math.Abs(t));
    }
}
