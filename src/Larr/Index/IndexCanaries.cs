using System.Numerics.Tensors;

namespace Larr.Index;

/// <summary>Queries whose answer is known: rows are searched for themselves, exactly and approximately.</summary>
static class IndexCanaries
{
    /// <summary>As many as one register of the exact search holds: more would make small refreshes slower.</summary>
    const int Queries = 16;
    const int Nearest = 10;

    /// <summary>How far below 1 the cosine of a vector to itself may come out in float32.</summary>
    const float SelfTolerance = 1e-3f;

    /// <summary>Gates <c>canary</c> and <c>recall</c> on evenly spaced rows.</summary>
    /// <returns>The recall of the ten nearest, each row left out of its own result; null where there is no approximate index.</returns>
    public static double? Check(Generation generation, double minRecall)
    {
        int[] rows = EvenlySpaced(generation);
        float[] queries = new float[rows.Length * generation.Dimension];
        generation.Gather(rows, queries);
        var filter = new SearchFilter();
        Hit[][] exact = generation.Search(queries, Nearest + 1, filter);
        for (int q = 0; q < rows.Length; q++)
        {
            if (exact[q].Length == 0) throw new IndexGateException("canary", $"a search for row {rows[q]} finds nothing");
            Hit best = exact[q][0];
            float self = TensorPrimitives.CosineSimilarity(generation.Vector(rows[q]), generation.Vector(best.Row));
            if (!(self >= 1 - SelfTolerance) || best.Score < 1 - (2 * SelfTolerance))
                throw new IndexGateException("canary", $"the nearest row to row {rows[q]} is {best.Row} with cosine {self}");
        }
        if (generation.Segments.All(s => s.Lists is null) || generation.Count == 1) return null;

        Hit[][] approximate = generation.SearchApproximate(queries, Nearest + 1, filter);
        int found = 0, all = 0;
        for (int q = 0; q < rows.Length; q++)
        {
            HashSet<int> right = [.. Others(exact[q], rows[q])];
            all += right.Count;
            found += Others(approximate[q], rows[q]).Count(right.Contains);
        }
        double recall = (double)found / all;
        if (recall < minRecall) throw new IndexGateException("recall", $"the approximate search finds {recall:F3} of the exact {Nearest} nearest instead of {minRecall:F3}");
        return recall;
    }

    static IEnumerable<int> Others(Hit[] hits, int self) => hits.Where(h => h.Row != self).Take(Nearest).Select(h => h.Row);

    /// <summary>Some live rows from all over the row numbers.</summary>
    static int[] EvenlySpaced(Generation generation)
    {
        int count = Math.Min(Queries, generation.Count);
        var chosen = new List<int>(count);
        int seen = 0;
        foreach (int row in generation.Rows())
        {
            if (seen++ != (long)generation.Count * chosen.Count / count) continue;
            chosen.Add(row);
            if (chosen.Count == count) break;
        }
        return [.. chosen];
    }
}
