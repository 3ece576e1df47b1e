namespace Larr.Stats;

/// <summary>
/// GAUC: AUC within each group, averaged with the groups' sizes as weights; groups of one class are left out
/// (Zhou et al., Deep Interest Network, arXiv 1706.06978, section 6.1).
/// </summary>
public static class GroupAuc
{
    /// <summary>Number of groups of one class, which are left out.</summary>
    public static int OneClass(ReadOnlySpan<byte> labels, ReadOnlySpan<int> groups)
    {
        var classes = new Dictionary<int, int>();
        for (int i = 0; i < groups.Length; i++) classes[groups[i]] = classes.GetValueOrDefault(groups[i]) | (labels[i] == 0 ? 1 : 2);
        return classes.Values.Count(c => c != 3);
    }

    /// <summary>GAUC over the groups named by <paramref name="groups"/>; NaN where no group has both classes.</summary>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels, ReadOnlySpan<int> groups)
    {
        int[] order = new int[groups.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        int[] keys = groups.ToArray();
        Array.Sort(keys, order);
        double sum = 0, weight = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start; end < order.Length && keys[end] == keys[start]; end++) { }
            float[] score = new float[end - start];
            byte[] label = new byte[end - start];
            for (int i = start; i < end; i++) (score[i - start], label[i - start]) = (scores[order[i]], labels[order[i]]);
            double auc = Auc.Compute(score, label);
            if (double.IsNaN(auc)) continue;
            sum += auc * score.Length;
            weight += score.Length;
        }
        return sum / weight;
    }
}
