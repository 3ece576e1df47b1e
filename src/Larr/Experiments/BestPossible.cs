using Larr.Data;

namespace Larr.Experiments;

/// <summary>What a model that knew the truth would reach on simulated data.</summary>
public static class BestPossible
{
    /// <summary>AUC of the true click probabilities on the test part; null for data without them.</summary>
    public static double? Auc(string dataFolder)
    {
        using var table = ImpressionTable.Open(dataFolder);
        if (table.Truth.Length == 0) return null;
        int[] test = table.RowsOf(Part.Test);
        var (truth, labels) = (new float[test.Length], new byte[test.Length]);
        for (int i = 0; i < test.Length; i++) (truth[i], labels[i]) = (table.Truth[test[i]], table.Labels[test[i]]);
        return Stats.Auc.Compute(truth, labels);
    }
}
