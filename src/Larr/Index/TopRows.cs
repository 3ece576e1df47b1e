namespace Larr.Index;

/// <summary>The best k hits seen so far: a heap whose root is the worst of them.</summary>
sealed class TopRows(int k)
{
    // Better: higher score, then lower row. The order is total, so that the result does not depend on threads.
    static readonly Comparer<Hit> s_worstFirst = Comparer<Hit>.Create((a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : b.Row.CompareTo(a.Row));

    readonly PriorityQueue<int, Hit> _heap = new(k, s_worstFirst);
    float _worst = float.NegativeInfinity;

    public void Add(Hit hit)
    {
        if (_heap.Count < k) _heap.Enqueue(hit.Row, hit);
        else if (hit.Score < _worst) return;
        else _heap.EnqueueDequeue(hit.Row, hit);
        if (_heap.Count == k && _heap.TryPeek(out _, out Hit worst)) _worst = worst.Score;
    }

    public void AddAll(TopRows other)
    {
        foreach ((_, Hit hit) in other._heap.UnorderedItems) Add(hit);
    }

    /// <summary>Best first; the heap is empty afterwards.</summary>
    public Hit[] Sorted()
    {
        var hits = new Hit[_heap.Count];
        for (int i = hits.Length - 1; i >= 0; i--)
            if (_heap.TryDequeue(out _, out Hit hit)) hits[i] = hit;
        return hits;
    }
}
