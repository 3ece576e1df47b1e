namespace Larr.Stats;

/// <summary>One group of rows with similar predictions.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Predicted">Mean predicted probability.</param>
/// <param name="Observed">Share of positives.</param>
/// <param name="Ratio">Predicted over observed: 1 is right, 2 promises twice what comes; null where no positive was observed.</param>
public sealed record CalibrationBin(int Rows, double Predicted, double Observed, double? Ratio);

/// <summary>Do predicted probabilities say how often it happens?</summary>
/// <param name="Ece">Expected calibration error: mean of |predicted − observed| over ten bins of equal width, weighted by rows (Naeini et al., AAAI 2015).</param>
/// <param name="Ratio">Mean prediction over the share of positives, of all rows.</param>
/// <param name="Deciles">Ten bins of nearly equal size, from the lowest predictions to the highest; fewer where there are fewer rows.</param>
public sealed record Calibration(double Ece, double? Ratio, IReadOnlyList<CalibrationBin> Deciles)
{
    const int Bins = 10;

    /// <summary>The calibration of <paramref name="probabilities"/> against 0/1 <paramref name="labels"/>, of at least one row.</summary>
    public static Calibration Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        if (probabilities.Length != labels.Length || labels.Length == 0) throw new ArgumentException("probabilities and labels differ in length, or are empty");
        float[] sorted = probabilities.ToArray();
        byte[] label = labels.ToArray();
        Array.Sort(sorted, label);
        int n = sorted.Length, bins = Math.Min(Bins, n);
        var deciles = new CalibrationBin[bins];
        for (int b = 0; b < bins; b++) deciles[b] = Bin(sorted, label, (int)((long)n * b / bins), (int)((long)n * (b + 1) / bins));
        double gap = 0;
        for (int start = 0, end; start < n; start = end)
        {
            int cell = Cell(sorted[start]);
            for (end = start; end < n && Cell(sorted[end]) == cell; end++) { }
            CalibrationBin bin = Bin(sorted, label, start, end);
            gap += bin.Rows * Math.Abs(bin.Predicted - bin.Observed);
        }
        CalibrationBin all = Bin(sorted, label, 0, n);
        return new Calibration(gap / n, all.Ratio, deciles);
    }

    static int Cell(float probability) => Math.Min(Bins - 1, (int)(probability * Bins));

    static CalibrationBin Bin(float[] probabilities, byte[] labels, int start, int end)
    {
        double predicted = 0, positives = 0;
        for (int i = start; i < end; i++) (predicted, positives) = (predicted + probabilities[i], positives + labels[i]);
        return new CalibrationBin(end - start, predicted / (end - start), positives / (end - start), positives > 0 ? predicted / positives : null);
    }
}
