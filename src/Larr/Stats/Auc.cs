namespace Larr.Stats;

/// <summary>
/// Area under the ROC curve: the probability that a random positive scores above a random negative, ties counting
/// one half. Exact, by ranks (Mann–Whitney U).
/// </summary>
public static class Auc
{
    /// <summary>AUC of <paramref name="scores"/> against 0/1 <paramref name="labels"/>; NaN where one class is missing.</summary>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels)
    {
        if (scores.Length != labels.Length) throw new ArgumentException("scores and labels differ in length");
        float[] sorted = scores.ToArray();
        byte[] label = labels.ToArray();
        Array.Sort(sorted, label);
        double negativesBelow = 0, concordant = 0, positives = 0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            double tiedPositives = 0;
            for (end = start; end < sorted.Length && sorted[end] == sorted[start]; end++) tiedPositives += label[end];
            double tiedNegatives = end - start - tiedPositives;
            concordant += tiedPositives * (negativesBelow + (tiedNegatives / 2));
            negativesBelow += tiedNegatives;
            positives += tiedPositives;
            if (end == start) throw new ArgumentException("a score is NaN");
        }
        return concordant / (positives * negativesBelow);
    }
}
