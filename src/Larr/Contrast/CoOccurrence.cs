namespace Larr.Contrast;

/// <summary>
/// Pairs of things that meet in the same baskets, corrected for popularity: a meeting in a crowded basket weighs less, frequent
/// things need more meetings, and single meetings are shrunk. Similarity = Σ_b w_b / √(W_i·W_j) · c/(c + λ), where c is the number of shared
/// baskets, W the summed weights of a thing's baskets, λ = <see cref="Shrinkage"/>. Our choice: the paper does not say how pairs are mined.
/// </summary>
public sealed class CoOccurrence(int things)
{
    /// <summary>λ: with so many shared baskets a pair keeps half of its similarity.</summary>
    public const double Shrinkage = 2;

    /// <summary>A larger basket is sampled down to this, so that work grows with the baskets and not with their squares.</summary>
    public const int LargestBasket = 40;

    readonly double[] _weights = new double[things];
    readonly Dictionary<(int, int), (int Meetings, double Weight)> _meetings = [];

    /// <summary>Adds a basket of distinct things; its weight is 1/log₂(1 + its size), so a crowded basket says little.</summary>
    public void Add(IEnumerable<int> basket, Random random)
    {
        int[] members = [.. basket.Distinct().Order()];
        if (members.Length < 2) return;
        double weight = 1 / Math.Log2(1 + members.Length);
        if (members.Length > LargestBasket)
        {
            random.Shuffle(members);
            members = [.. members.Take(LargestBasket).Order()];
        }
        for (int a = 0; a < members.Length; a++)
        {
            _weights[members[a]] += weight;
            for (int b = a + 1; b < members.Length; b++)
            {
                (int meetings, double sum) = _meetings.GetValueOrDefault((members[a], members[b]));
                _meetings[(members[a], members[b])] = (meetings + 1, sum + weight);
            }
        }
    }

    /// <summary>For every thing its <paramref name="top"/> most similar ones; each pair once, in the order of the numbers.</summary>
    public IReadOnlyList<(int A, int B, double Similarity)> Best(int top)
    {
        var ofThing = new List<(int Other, double Similarity)>[things];
        foreach (((int a, int b), (int meetings, double weight)) in _meetings)
        {
            double similarity = weight / Math.Sqrt(_weights[a] * _weights[b]) * meetings / (meetings + Shrinkage);
            (ofThing[a] ??= []).Add((b, similarity));
            (ofThing[b] ??= []).Add((a, similarity));
        }
        var best = new SortedDictionary<(int, int), double>();
        for (int t = 0; t < things; t++)
            foreach ((int other, double similarity) in (ofThing[t] ?? []).OrderByDescending(o => o.Similarity).ThenBy(o => o.Other).Take(top))
                best[(Math.Min(t, other), Math.Max(t, other))] = similarity;
        return [.. best.Select(p => (p.Key.Item1, p.Key.Item2, p.Value))];
    }
}
