using System.Buffers;

namespace Larr.Tokens;

/// <summary>
/// Byte-pair encoding (arXiv 1508.07909) of one word's symbols: of all neighbours that have a merge, those of the lowest rank become one
/// symbol, the leftmost first, until none has. Symbols are token ids.
/// </summary>
sealed class BytePairMerges
{
    const int Short = 48; // up to here looking at every pair again beats a heap
    const int None = int.MaxValue;

    readonly Dictionary<long, (int Rank, int Id)> merges;

    /// <summary>Merges by rank; of a pair that is there twice the first counts.</summary>
    public BytePairMerges(IReadOnlyList<(int Left, int Right, int Merged)> ranked)
    {
        merges = new(ranked.Count);
        for (int rank = 0; rank < ranked.Count; rank++) merges.TryAdd(Key(ranked[rank].Left, ranked[rank].Right), (rank, ranked[rank].Merged));
    }

    /// <summary>Merges in place; the number of symbols left, which stand at the front.</summary>
    public int Merge(Span<int> symbols) => symbols.Length <= Short ? MergeShort(symbols) : MergeLong(symbols);

    static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    int RankOf(int left, int right) => merges.TryGetValue(Key(left, right), out (int Rank, int Id) merge) ? merge.Rank : None;

    int MergeShort(Span<int> symbols)
    {
        int count = symbols.Length;
        Span<int> ranks = stackalloc int[Short];
        for (int i = 0; i + 1 < count; i++) ranks[i] = RankOf(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
                if (ranks[i] < ranks[best]) best = i;
            if (ranks[best] == None) break;
            symbols[best] = merges[Key(symbols[best], symbols[best + 1])].Id;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            count--;
            if (best > 0) ranks[best - 1] = RankOf(symbols[best - 1], symbols[best]);
            if (best + 1 < count) ranks[best] = RankOf(symbols[best], symbols[best + 1]);
        }
        return count;
    }

    // A linked list of symbols and a heap of pairs by rank and place; a heap entry whose symbols have changed meanwhile is passed over.
    int MergeLong(Span<int> symbols)
    {
        int count = symbols.Length;
        int[] next = ArrayPool<int>.Shared.Rent(count), previous = ArrayPool<int>.Shared.Rent(count);
        var heap = new PriorityQueue<(int At, long Pair), (int Rank, int At)>(count);
        for (int i = 0; i < count; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (int i = 0; i + 1 < count; i++) Enqueue(symbols, i, i + 1);
        while (heap.TryDequeue(out (int At, long Pair) entry, out _))
        {
            int at = entry.At, right = next[at];
            if (symbols[at] < 0 || right >= count || Key(symbols[at], symbols[right]) != entry.Pair) continue;
            symbols[at] = merges[entry.Pair].Id;
            symbols[right] = -1;
            next[at] = next[right];
            if (next[at] < count) previous[next[at]] = at;
            if (previous[at] >= 0) Enqueue(symbols, previous[at], at);
            if (next[at] < count) Enqueue(symbols, at, next[at]);
        }
        int left = 0;
        for (int i = 0; i < count; i = next[i]) symbols[left++] = symbols[i];
        ArrayPool<int>.Shared.Return(next);
        ArrayPool<int>.Shared.Return(previous);
        return left;

        void Enqueue(Span<int> symbols, int at, int right)
        {
            long pair = Key(symbols[at], symbols[right]);
            if (merges.TryGetValue(pair, out (int Rank, int Id) merge)) heap.Enqueue((at, pair), (merge.Rank, at));
        }
    }
}
