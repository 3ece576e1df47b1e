namespace Larr.Simulate;

/// <summary>Draws an index in proportion to fixed weights in constant time (alias method, Walker 1977, Vose 1991).</summary>
sealed class WeightedChoice
{
    readonly float[] _keep;
    readonly int[] _alias;

    public WeightedChoice(IReadOnlyList<float> weights)
    {
        int n = weights.Count;
        double mean = weights.Sum(w => (double)w) / n;
        double[] share = [.. weights.Select(w => w / mean)];
        _keep = new float[n];
        _alias = new int[n];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < n; i++) (share[i] < 1 ? small : large).Push(i);
        while (small.Count > 0 && large.Count > 0)
        {
            int s = small.Pop(), l = large.Pop();
            _keep[s] = (float)share[s];
            _alias[s] = l;
            share[l] -= 1 - share[s];
            (share[l] < 1 ? small : large).Push(l);
        }
        foreach (int i in small.Concat(large)) _keep[i] = 1;
    }

    public int Draw(Chance chance)
    {
        int i = chance.Below(_keep.Length);
        return chance.Uniform() < _keep[i] ? i : _alias[i];
    }
}
