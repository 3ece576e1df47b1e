using System.Runtime.InteropServices;

namespace Larr.Tokens;

/// <summary>
/// Learns byte-level BPE merges (Sennrich et al. 2016, arXiv 1508.07909; bytes as in GPT-2): the most frequent pair of
/// neighbouring symbols inside words is merged, again and again. Equal counts go to the pair of smaller ids, so that the
/// result depends on nothing but the words' counts.
/// </summary>
public sealed class BpeTrainer
{
    readonly List<int[]> words = [];
    readonly List<long> counts = [];
    readonly List<string> vocabulary = [.. Enumerable.Range(0, 256).Select(b => ByteSymbols.Symbol((byte)b).ToString())];
    readonly List<(string Left, string Right)> merges = [];
    readonly Dictionary<(int, int), Pair> pairs = [];
    readonly PriorityQueue<(int, int), (long, int, int)> heap = new();

    sealed class Pair
    {
        public long Count;
        public readonly List<int> Words = [];
    }

    /// <summary>The tokens in the order of their ids: the 256 bytes by value, then one token per merge.</summary>
    public IReadOnlyList<string> Vocabulary => vocabulary;

    /// <summary>The merges, most frequent first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges => merges;

    /// <summary>Learns until the vocabulary has <paramref name="vocabularySize"/> tokens or no pair occurs twice.</summary>
    /// <param name="wordCounts">Pre-tokenised words (plain text) and how often each occurs.</param>
    /// <param name="vocabularySize">At least 256.</param>
    public BpeTrainer(IEnumerable<KeyValuePair<string, long>> wordCounts, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 256);
        foreach ((string word, long count) in wordCounts)
        {
            words.Add([.. System.Text.Encoding.UTF8.GetBytes(word).Select(b => (int)b)]);
            counts.Add(count);
        }
        CountAllPairs();
        while (vocabulary.Count < vocabularySize && MostFrequent() is { } pair) Merge(pair);
    }

    void CountAllPairs()
    {
        for (int w = 0; w < words.Count; w++)
            for (int i = 0; i + 1 < words[w].Length; i++)
                Add((words[w][i], words[w][i + 1]), counts[w], w);
        foreach (((int, int) key, Pair pair) in pairs) Enqueue(key, pair.Count);
    }

    void Enqueue((int Left, int Right) key, long count) => heap.Enqueue(key, (-count, key.Left, key.Right));

    void Add((int, int) key, long count, int word)
    {
        ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, key, out _);
        pair ??= new();
        pair.Count += count;
        if (count > 0 && (pair.Words.Count == 0 || pair.Words[^1] != word)) pair.Words.Add(word);
    }

    // Heap entries may be out of date: counts that fell are found out here, counts of new pairs are enqueued by Merge.
    (int Left, int Right)? MostFrequent()
    {
        while (heap.TryDequeue(out (int, int) key, out (long Negative, int, int) rank))
        {
            if (!pairs.TryGetValue(key, out Pair? pair)) continue;
            if (pair.Count == -rank.Negative) return pair.Count >= 2 ? key : null;
            if (pair.Count > 0) Enqueue(key, pair.Count);
        }
        return null;
    }

    void Merge((int Left, int Right) key)
    {
        int merged = vocabulary.Count;
        merges.Add((vocabulary[key.Left], vocabulary[key.Right]));
        vocabulary.Add(vocabulary[key.Left] + vocabulary[key.Right]);
        pairs.Remove(key, out Pair? pair);
        var born = new HashSet<(int, int)>();
        foreach (int w in pair!.Words) words[w] = MergeIn(words[w], w, key, merged, born);
        pairs.Remove(key);
        foreach ((int, int) neighbour in born)
            if (pairs.TryGetValue(neighbour, out Pair? fresh) && fresh.Count > 0) Enqueue(neighbour, fresh.Count);
    }

    int[] MergeIn(int[] word, int w, (int Left, int Right) key, int merged, HashSet<(int, int)> born)
    {
        var result = new List<int>(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            bool here = word[i] == key.Left && i + 1 < word.Length && word[i + 1] == key.Right;
            result.Add(here ? merged : word[i]);
            if (here) i++;
        }
        if (result.Count == word.Length) return word;
        // Taking the old word's pairs away and adding the new word's keeps runs such as "aaaa" right without special cases.
        for (int i = 0; i + 1 < word.Length; i++) Add((word[i], word[i + 1]), -counts[w], w);
        for (int i = 0; i + 1 < result.Count; i++)
        {
            (int, int) neighbour = (result[i], result[i + 1]);
            Add(neighbour, counts[w], w);
            if (neighbour.Item1 == merged || neighbour.Item2 == merged) born.Add(neighbour);
        }
        return [.. result];
    }
}
