using Larr.Tokens;

namespace Larr.Embed;

/// <summary>
/// Texts made ready for the model: each distinct one once, tokenised, cut, and laid into batches of texts of exactly
/// equal length, so that no padding is ever computed.
/// </summary>
sealed class PackedTexts
{
    readonly int[][] _tokens;

    /// <param name="texts">The texts in input order.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="suffix">Ids after every text, never cut off.</param>
    /// <param name="maxTokens">Longest text with its suffix.</param>
    /// <exception cref="ArgumentException">A text is empty; the message names its index.</exception>
    public PackedTexts(IReadOnlyList<string> texts, TextTokenizer tokenizer, int[] suffix, int maxTokens)
    {
        var first = new Dictionary<string, int>(texts.Count);
        var tokens = new List<int[]>();
        DistinctOf = new int[texts.Count];
        for (int t = 0; t < texts.Count; t++)
        {
            if (string.IsNullOrWhiteSpace(texts[t])) throw new ArgumentException($"text {t} is empty", nameof(texts));
            if (!first.TryGetValue(texts[t], out DistinctOf[t]))
            {
                first[texts[t]] = DistinctOf[t] = tokens.Count;
                int[] ids = tokenizer.Encode(texts[t]);
                if (ids.Length + suffix.Length > maxTokens) Cut++;
                tokens.Add([.. ids.AsSpan(0, Math.Min(ids.Length, maxTokens - suffix.Length)), .. suffix]);
            }
        }
        _tokens = [.. tokens];
    }

    /// <summary>For each input text the index of its distinct text.</summary>
    public int[] DistinctOf { get; }

    /// <summary>Number of distinct texts.</summary>
    public int Distinct => _tokens.Length;

    /// <summary>Distinct texts that were too long.</summary>
    public int Cut { get; }

    /// <summary>Tokens of a distinct text, suffix included.</summary>
    public int Length(int distinct) => _tokens[distinct].Length;

    /// <summary>Tokens of all distinct texts: what is computed.</summary>
    public long TotalTokens => _tokens.Sum(t => (long)t.Length);

    /// <summary>Batches of distinct texts of one length, of at most <paramref name="batchTokens"/> tokens unless a single text has more.</summary>
    public IEnumerable<int[]> Batches(int batchTokens)
    {
        foreach (IGrouping<int, int> same in Enumerable.Range(0, Distinct).GroupBy(Length).OrderBy(g => g.Key))
            foreach (int[] batch in same.Chunk(Math.Max(1, batchTokens / same.Key)))
                yield return batch;
    }

    /// <summary>The ids of a batch, row by row.</summary>
    public long[] Ids(int[] batch) => [.. batch.SelectMany(t => _tokens[t]).Select(id => (long)id)];
}
