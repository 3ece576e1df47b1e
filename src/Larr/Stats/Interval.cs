using MathNet.Numerics.Distributions;

namespace Larr.Stats;

/// <summary>A mean with its 95 % interval.</summary>
/// <param name="Mean">Mean of the values.</param>
/// <param name="Low">Lower end; NaN where a single value gives no spread.</param>
/// <param name="High">Upper end; NaN where a single value gives no spread.</param>
public readonly record struct Interval(double Mean, double Low, double High)
{
    /// <summary>Student's t interval of the mean of independent <paramref name="values"/> (one per seed or fold).</summary>
    public static Interval OfMean(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        if (values.Count < 2) return new Interval(mean, double.NaN, double.NaN);
        double variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1);
        double half = StudentT.InvCDF(0, 1, values.Count - 1, 0.975) * Math.Sqrt(variance / values.Count);
        return new Interval(mean, mean - half, mean + half);
    }
}
