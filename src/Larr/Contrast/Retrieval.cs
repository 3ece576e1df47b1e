using System.Numerics.Tensors;

namespace Larr.Contrast;

/// <summary>
/// Retrieval over held-out pairs. A pair's rank is that of its right text among the candidates by cosine, other known positives of the same left
/// text left out; a tie counts half.
/// </summary>
public static class Retrieval
{
    const int MostPoints = 500;

    /// <summary>Measures pairs of texts.</summary>
    /// <param name="pairs">Distinct (left, right) text numbers.</param>
    /// <param name="vector">The unit vector of a text.</param>
    public static RetrievalReport Measure(IReadOnlyCollection<(int Left, int Right)> pairs, Func<int, float[]> vector)
    {
        if (pairs.Count == 0) return new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
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
        return new(ranks.Count, candidates.Length, Recall(1), Recall(5), Recall(10), ranks.Average(r => 1 / r),
            ranks.Average(r => r <= 10 ? 1 / Math.Log2(1 + r) : 0), chance / ranks.Count, Alignment(pairs, vector), Uniformity(pairs, vector));
    }

    /// <summary>Mean squared distance of the two sides of a pair (arXiv 2005.10242); 0 is best.</summary>
    static double Alignment(IReadOnlyCollection<(int Left, int Right)> pairs, Func<int, float[]> vector) =>
        pairs.Average(p => 2 - 2 * (double)TensorPrimitives.Dot<float>(vector(p.Left), vector(p.Right)));

    /// <summary>log of the mean of exp(−2·distance²) over the right texts (arXiv 2005.10242): 0 where all are one point, about −4 where they fill the sphere.</summary>
    static double Uniformity(IReadOnlyCollection<(int Left, int Right)> pairs, Func<int, float[]> vector)
    {
        float[][] points = [.. pairs.Select(p => p.Right).Distinct().Take(MostPoints).Select(vector)];
        double sum = 0;
        for (int a = 1; a < points.Length; a++)
            for (int b = 0; b < a; b++) sum += Math.Exp(-2 * (2 - 2 * (double)TensorPrimitives.Dot<float>(points[a], points[b])));
        return points.Length < 2 ? 0 : Math.Log(sum / (points.Length * (points.Length - 1) / 2.0));
    }
}
