namespace Larr.Simulate;

/// <summary>AUC over a stream in constant memory: scores are rounded to 2⁻¹⁶ of the range, ties count one half.</summary>
/// <param name="low">Lowest score; lower ones count as this.</param>
/// <param name="high">Highest score; higher ones count as this.</param>
sealed class HistogramAuc(float low, float high)
{
    const int Bins = 1 << 16;

    readonly long[] _clicked = new long[Bins];
    readonly long[] _passed = new long[Bins];

    public void Add(float score, bool clicked)
    {
        int bin = Math.Clamp((int)((score - low) / (high - low) * Bins), 0, Bins - 1);
        (clicked ? _clicked : _passed)[bin]++;
    }

    /// <summary>The AUC; NaN where one class is missing.</summary>
    public double Value()
    {
        double below = 0, concordant = 0, positives = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            concordant += _clicked[bin] * (below + (_passed[bin] / 2.0));
            below += _passed[bin];
            positives += _clicked[bin];
        }
        return concordant / (positives * below);
    }
}
