namespace Larr.Stats;

/// <summary>
/// nDCG@k within each group, averaged over the groups that have a positive (Järvelin and Kekäläinen, TOIS 2002): gain 1 of a positive, discount
/// 1 / log2(rank + 1). Rows of one score share the mean discount of their ranks, so that the order of the file does not count.
/// </summary>
public static class GroupNdcg
{
    /// <summary>The mean over groups; NaN where no group has a positive.</summary>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels, ReadOnlySpan<int> groups, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        int[] order = new int[groups.Length], keys = groups.ToArray();
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(keys, order);
        double sum = 0, counted = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start; end < order.Length && keys[end] == keys[start]; end++) { }
            float[] score = new float[end - start];
            byte[] label = new byte[end - start];
            for (int i = start; i < end; i++) (score[i - start], label[i - start]) = (-scores[order[i]], labels[order[i]]);
            double ndcg = OfGroup(score, label, k);
            if (double.IsNaN(ndcg)) continue;
            sum += ndcg;
            counted++;
        }
        return sum / counted;
    }

    static double OfGroup(float[] ascending, byte[] labels, int k)
    {
        Array.Sort(ascending, labels);
        double gained = 0, ideal = 0;
        int positives = 0;
        for (int start = 0, end; start < labels.Length; start = end)
        {
            double discounts = 0;
            int tiedPositives = 0;
            for (end = start; end < labels.Length && ascending[end] == ascending[start]; end++)
            {
                discounts += Discount(end, k);
                tiedPositives += labels[end];
            }
            if (end == start) throw new ArgumentException("a score is NaN");
            gained += tiedPositives * discounts / (end - start);
            positives += tiedPositives;
        }
        for (int rank = 0; rank < positives; rank++) ideal += Discount(rank, k);
        return positives == 0 ? double.NaN : gained / ideal;
    }

    static double Discount(int rank, int k) => rank < k ? 1 / Math.Log2(rank + 2) : 0;
}
