using System.Numerics.Tensors;

namespace Larr.Contrast;

/// <summary>
/// Retrieval over held-out pairs. A pair's rank is that of its right text among the candidates by cosine, other known positives of the same left
/// text left out; a tie counts half.
/// </summary>
public static class Retrieval
{
    /// <summary>Measures pairs of texts.</summary>
    /// <param name="pairs">Distinct (left, right) text numbers.</param>
    /// <param name="vector">The unit vector of a text.</param>
    public static RetrievalReport Measure(IReadOnlyCollection<(int Left, int Right)> pairs, Func<int, float[]> vector)
    {
        if (pairs.Count == 0) return new(0, 0, 0, 0, 0, 0, 0);
        int[] candidates = [.. pairs.Select(p => p.Right).Distinct().Order()];
        var ranks = new List<double>();
        double chance = 0;
        foreach (IGrouping<int, int> query in pairs.GroupBy(p => p.Left, p => p.Right))
        {
            float[] q = vector(query.Key);
            HashSet<int> positives = [.. query];
            float[] negatives = [.. candidates.Where(c => c != query.Key && !positives.Contains(c)).Select(c => TensorPrimitives.Dot<float>(q, vector(c)))];
            foreach (int positive in positives)
            {
                float score = TensorPrimitives.Dot<float>(q, vector(positive));
                ranks.Add(1 + negatives.Count(n => n > score) + 0.5 * negatives.Count(n => n == score));
                chance += Math.Min(1, 5.0 / (negatives.Length + 1));
            }
        }
        double Recall(int k) => ranks.Count(r => r <= k) / (double)ranks.Count;
        return new(ranks.Count, candidates.Length, Recall(1), Recall(5), Recall(10), ranks.Average(r => 1 / r), chance / ranks.Count);
    }
}
