using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace Larr.Tokens;

/// <summary>
/// Byte-pair encoding (arXiv 1508.07909) of one word's symbols: of all neighbours that have a merge, those of the lowest rank become one
/// symbol, the leftmost first, until none has. Symbols are token ids.
/// </summary>
sealed class BytePairMerges
{
    const int Short = 256; // up to here looking at all ranks again for the lowest, many at once, beats a heap
    const int None = int.MaxValue;
    const long Free = -1;

    // An open hash table, half full at most: a pair and, at the same place, its rank.
    readonly long[] pairs;
    readonly int[] ranks;
    readonly int[] merged;
    readonly int shift;

    /// <summary>Merges by rank; of a pair that is there twice the first counts.</summary>
    public BytePairMerges(IReadOnlyList<(int Left, int Right, int Merged)> ranked)
    {
        int bits = BitOperations.Log2((uint)Math.Max(ranked.Count, 1)) + 2;
        shift = 64 - bits;
        pairs = new long[1 << bits];
        ranks = new int[pairs.Length];
        merged = [.. ranked.Select(m => m.Merged)];
        Array.Fill(pairs, Free);
        for (int rank = 0; rank < ranked.Count; rank++)
        {
            long pair = Key(ranked[rank].Left, ranked[rank].Right);
            int at = Place(pair);
            if (pairs[at] == Free) (pairs[at], ranks[at]) = (pair, rank);
        }
    }

    /// <summary>Merges in place; the number of symbols left, which stand at the front.</summary>
    public int Merge(Span<int> symbols) => symbols.Length <= Short ? MergeShort(symbols) : MergeLong(symbols);

    static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    // Where the pair is, or the free place where it would be.
    int Place(long pair)
    {
        int at = (int)((ulong)pair * 0x9E3779B97F4A7C15 >> shift);
        while (pairs[at] != pair && pairs[at] != Free) at = (at + 1) & (pairs.Length - 1);
        return at;
    }

    int RankOf(int left, int right)
    {
        int at = Place(Key(left, right));
        return pairs[at] == Free ? None : ranks[at];
    }

    int MergeShort(Span<int> symbols)
    {
        int count = symbols.Length;
        Span<int> rankOf = stackalloc int[Short]; // of the pair (i, i + 1)
        for (int i = 0; i + 1 < count; i++) rankOf[i] = RankOf(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            int best = TensorPrimitives.IndexOfMin<int>(rankOf[..(count - 1)]);
            if (rankOf[best] == None) break;
            symbols[best] = merged[rankOf[best]];
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            rankOf[(best + 1)..(count - 1)].CopyTo(rankOf[best..]);
            count--;
            if (best > 0) rankOf[best - 1] = RankOf(symbols[best - 1], symbols[best]);
            if (best + 1 < count) rankOf[best] = RankOf(symbols[best], symbols[best + 1]);
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
        while (heap.TryDequeue(out (int At, long Pair) entry, out (int Rank, int) best))
        {
            int at = entry.At, right = next[at];
            if (symbols[at] < 0 || right >= count || Key(symbols[at], symbols[right]) != entry.Pair) continue;
            symbols[at] = merged[best.Rank];
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
            int rank = RankOf(symbols[at], symbols[right]);
            if (rank != None) heap.Enqueue((at, Key(symbols[at], symbols[right])), (rank, at));
        }
    }
}
