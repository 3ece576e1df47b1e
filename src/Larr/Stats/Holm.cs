namespace Larr.Stats;

/// <summary>Holm's step-down correction: keeps the chance of any false finding among several tests at the nominal level.</summary>
public static class Holm
{
    /// <summary>Corrected p values in the order given; NaN (no test) stays NaN and does not count.</summary>
    public static double[] Correct(IReadOnlyList<double> p)
    {
        int[] order = [.. Enumerable.Range(0, p.Count).Where(i => !double.IsNaN(p[i])).OrderBy(i => p[i])];
        double[] corrected = [.. p];
        double floor = 0;
        for (int rank = 0; rank < order.Length; rank++)
            corrected[order[rank]] = floor = Math.Max(floor, Math.Min(1, p[order[rank]] * (order.Length - rank)));
        return corrected;
    }
}
