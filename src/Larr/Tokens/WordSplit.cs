namespace Larr.Tokens;

/// <summary>
/// Pre-tokenisation by a sequence of regular expressions: each one cuts every piece of the one before into its matches
/// and what lies between them (behaviour "Isolated" of tokenizer.json). Tokens never cross a piece's border.
/// </summary>
public sealed class WordSplit
{
    /// <summary>GPT-2's pattern: English contractions, words, numbers and symbols with one leading space, white space.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's pattern: numbers of at most three digits, line breaks apart.</summary>
    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Qwen 2 and 3: Llama 3's with single digits.</summary>
    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    readonly WordPattern[] steps;

    /// <summary>A split by the patterns in turn; a malformed pattern throws <see cref="ArgumentException"/>.</summary>
    public WordSplit(params IEnumerable<string> patterns) => steps = [.. patterns.Select(WordPattern.Of)];

    /// <summary>The words of a text, which together are the text.</summary>
    public IReadOnlyList<(int Offset, int Length)> Words(ReadOnlySpan<char> text)
    {
        var ends = new List<int>(text.Length / 4 + 1);
        Cut(text, ends);
        var words = new (int, int)[ends.Count];
        for (int i = 0; i < words.Length; i++)
        {
            int start = i == 0 ? 0 : ends[i - 1];
            words[i] = (start, ends[i] - start);
        }
        return words;
    }

    /// <summary>Adds the end of every word to <paramref name="ends"/>.</summary>
    internal void Cut(ReadOnlySpan<char> text, List<int> ends)
    {
        if (!text.IsEmpty) Cut(text, 0, 0, ends);
    }

    void Cut(ReadOnlySpan<char> piece, int offset, int step, List<int> ends)
    {
        if (step == steps.Length)
        {
            ends.Add(offset + piece.Length);
            return;
        }
        for (int start = 0; start < piece.Length;)
        {
            int end = steps[step].EndOfWord(piece, start);
            if (step + 1 == steps.Length) ends.Add(offset + end);
            else Cut(piece[start..end], offset + start, step + 1, ends);
            start = end;
        }
    }
}
