namespace Larr.Stats;

/// <summary>
/// Paired bootstrap over groups of the difference of two scorings' AUC: whole groups (users, requests) are drawn with
/// replacement, so that rows of one group, which are not independent, stay together. A draw of one class has no AUC and is left out.
/// </summary>
public static class GroupBootstrap
{
    /// <summary>Percentile 95 % interval of AUC(<paramref name="a"/>) − AUC(<paramref name="b"/>) on the same rows; NaN where no draw has both classes.</summary>
    public static Interval AucDifference(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<byte> labels, ReadOnlySpan<int> groups, int draws, int seed)
    {
        Dictionary<int, List<int>> rowsOfGroup = [];
        for (int row = 0; row < groups.Length; row++)
        {
            if (!rowsOfGroup.TryGetValue(groups[row], out List<int>? rows)) rowsOfGroup[groups[row]] = rows = [];
            rows.Add(row);
        }
        List<int>[] all = [.. rowsOfGroup.Values];
        var random = new Random(seed);
        List<double> differences = [];
        var (scoreA, scoreB, label) = (new List<float>(labels.Length), new List<float>(labels.Length), new List<byte>(labels.Length));
        for (int d = 0; d < draws; d++)
        {
            scoreA.Clear();
            scoreB.Clear();
            label.Clear();
            for (int g = 0; g < all.Length; g++)
            {
                foreach (int row in all[random.Next(all.Length)])
                {
                    scoreA.Add(a[row]);
                    scoreB.Add(b[row]);
                    label.Add(labels[row]);
                }
            }
            byte[] y = [.. label];
            if (y.Contains((byte)0) && y.Contains((byte)1)) differences.Add(Auc.Compute([.. scoreA], y) - Auc.Compute([.. scoreB], y));
        }
        differences.Sort();
        double mean = Auc.Compute(a, labels) - Auc.Compute(b, labels);
        double At(double place) => differences.Count == 0 ? double.NaN : differences[(int)place];
        return new Interval(mean, At(0.025 * (differences.Count - 1)), At(Math.Ceiling(0.975 * (differences.Count - 1))));
    }
}
