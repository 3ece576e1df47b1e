using CsCheck;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

public sealed class BpeTrainerTests
{
    static BpeTrainer Train(int size, params (string Word, long Count)[] words) =>
        new(words.Select(w => KeyValuePair.Create(w.Word, w.Count)), size);

    [Fact]
    public void Merges_are_those_worked_by_hand()
    {
        // ab 5+3, bc 3, xa 2: "ab"; then ab|c 3, x|ab 2: "abc"; then "xab"; nothing else occurs twice.
        BpeTrainer trainer = Train(300, ("ab", 3), ("abc", 3), ("xab", 2), ("qz", 1));
        Assert.Equal([("a", "b"), ("ab", "c"), ("x", "ab")], trainer.Merges);
        Assert.Equal(["ab", "abc", "xab"], trainer.Vocabulary.Skip(256));
    }

    [Fact]
    public void Equal_counts_go_to_the_pair_of_smaller_ids() =>
        Assert.Equal([("a", "z"), ("b", "a"), ("b", "c")], Train(300, ("bc", 2), ("ba", 2), ("az", 2)).Merges);

    [Fact]
    public void Runs_of_one_symbol_merge_from_the_left() =>
        // aaaaa has four pairs "aa" but only two merges fit: aa|aa|a.
        Assert.Equal([("a", "a"), ("aa", "a"), ("aa", "aaa")], Train(300, ("aaaaa", 2)).Merges);

    [Fact]
    public void Training_stops_at_the_size_asked_for() =>
        Assert.Equal(257, Train(257, ("abcdef", 9)).Vocabulary.Count);

    [Fact]
    public void The_heap_gives_the_same_merges_as_counting_all_pairs_anew_each_time() =>
        Gen.Dictionary(Gen.Char['a', 'd'].Array[1, 8].Select(c => new string(c)), Gen.Int[1, 5].Select(i => (long)i))[1, 12]
            .Sample(words => Assert.Equal(Slow(words, 24), new BpeTrainer(words, 256 + 24).Merges), iter: 300);

    static List<(string, string)> Slow(Dictionary<string, long> wordCounts, int limit)
    {
        var words = wordCounts.Select(w => (Symbols: w.Key.Select(c => (int)c).ToList(), w.Value)).ToList();
        List<string> names = [.. Enumerable.Range(0, 256).Select(b => ByteSymbols.Symbol((byte)b).ToString())];
        List<(string, string)> merges = [];
        while (merges.Count < limit)
        {
            var best = words.SelectMany(w => w.Symbols.Zip(w.Symbols.Skip(1)).Select(p => (Pair: p, w.Value)))
                .GroupBy(p => p.Pair, p => p.Value).Select(g => (g.Key, Count: g.Sum()))
                .Where(p => p.Count >= 2).OrderByDescending(p => p.Count).ThenBy(p => p.Key).FirstOrDefault();
            if (best.Count == 0) break;
            (int left, int right) = best.Key;
            merges.Add((names[left], names[right]));
            names.Add(names[left] + names[right]);
            foreach ((List<int> symbols, _) in words)
                for (int i = 0; i + 1 < symbols.Count; i++)
                    if (symbols[i] == left && symbols[i + 1] == right)
                    {
                        symbols[i] = names.Count - 1;
                        symbols.RemoveAt(i + 1);
                    }
        }
        return merges;
    }
}
