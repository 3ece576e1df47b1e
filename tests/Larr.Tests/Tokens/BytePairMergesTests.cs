using CsCheck;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

public sealed class BytePairMergesTests
{
    // Symbols 0 to 3; every merge makes a new symbol.
    static readonly Gen<List<(int Left, int Right, int Merged)>> merges = Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[1, 20].Select(pairs =>
    {
        List<(int, int, int)> made = [];
        foreach ((int left, int right) in pairs) made.Add((left % (4 + made.Count), right % (4 + made.Count), 4 + made.Count));
        return made;
    });

    [Fact]
    public void Short_and_long_words_merge_as_looking_at_every_pair_does() =>
        Gen.Select(merges, Gen.Int[0, 3].Array[0, 400]).Sample((ranked, word) =>
        {
            int[] symbols = [.. word];
            int count = new BytePairMerges(ranked).Merge(symbols);
            Assert.Equal(Slow(ranked, word), symbols[..count]);
        }, iter: 300);

    static List<int> Slow(List<(int Left, int Right, int Merged)> ranked, int[] word)
    {
        List<int> symbols = [.. word];
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Select(i => (Rank: ranked.FindIndex(m => m.Left == symbols[i] && m.Right == symbols[i + 1]), At: i))
                .Where(p => p.Rank >= 0).DefaultIfEmpty((-1, -1)).Min();
            if (best.Item1 < 0) return symbols;
            symbols[best.Item2] = ranked[best.Item1].Merged;
            symbols.RemoveAt(best.Item2 + 1);
        }
    }
}
