namespace Larr.Index;

/// <summary>The best k hits seen so far: a binary heap whose root is the worst of them.</summary>
sealed class TopRows(int k)
{
    Hit[] _heap = new Hit[Math.Min(k, 16)];
    int _count;

    /// <summary>A hit below this is of no use: the worst score of k hits, or −∞ while there are fewer.</summary>
    public float Worst => _count == k ? _heap[0].Score : float.NegativeInfinity;

    public int Count => _count;

    /// <summary>Most hits that are kept.</summary>
    public int Limit => k;

    public void Add(Hit hit)
    {
        if (_count < k)
        {
            if (_count == _heap.Length) Array.Resize(ref _heap, Math.Min(k, 2 * _count));
            int at = _count++;
            for (; at > 0 && Worse(hit, _heap[(at - 1) / 2]); at = (at - 1) / 2) _heap[at] = _heap[(at - 1) / 2];
            _heap[at] = hit;
        }
        else if (Worse(_heap[0], hit)) Sink(hit, _count);
    }

    public void AddAll(TopRows other)
    {
        foreach (Hit hit in other.Unordered) Add(hit);
    }

    public ReadOnlySpan<Hit> Unordered => _heap.AsSpan(0, _count);

    /// <summary>Best first; the heap is empty afterwards.</summary>
    public Hit[] Sorted()
    {
        var hits = new Hit[_count];
        while (_count > 0)
        {
            hits[_count - 1] = _heap[0];
            Hit last = _heap[--_count];
            if (_count > 0) Sink(last, _count);
        }
        return hits;
    }

    // Worse: lower score, then higher row. The order is total, so that the result does not depend on threads.
    static bool Worse(Hit a, Hit b) => a.Score < b.Score || (a.Score == b.Score && a.Row > b.Row);

    /// <summary>Puts <paramref name="hit"/> in the root's place and lets it sink to its own.</summary>
    void Sink(Hit hit, int count)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= count) break;
            if (child + 1 < count && Worse(_heap[child + 1], _heap[child])) child++;
            if (!Worse(_heap[child], hit)) break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = hit;
    }
}
