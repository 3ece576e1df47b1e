using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Larr.Tokens;

/// <summary>
/// Pre-tokenisation by a sequence of regular expressions: each one cuts every piece of the one before into its matches
/// and what lies between them (behaviour "Isolated" of tokenizer.json). Tokens never cross a piece's border.
/// </summary>
/// <remarks>.NET matches UTF-16 units, so letters outside the basic plane count as symbols here; pieces never cut such a
/// character in two and decoding stays exact.</remarks>
public sealed class RegexSplit : PreTokenizer
{
    /// <summary>GPT-2's pattern: English contractions, words, numbers and symbols with one leading space, white space.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    readonly Regex[] steps;

    /// <summary>A split by the patterns in turn; a malformed pattern throws <see cref="ArgumentException"/>.</summary>
    public RegexSplit(params IEnumerable<string> patterns) =>
        steps = [.. patterns.Select(p => new Regex(p, RegexOptions.Compiled | RegexOptions.CultureInvariant))];

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        List<(int Offset, int Length)> pieces = text.IsEmpty ? [] : [(0, text.Length)];
        foreach (Regex step in steps) pieces = Cut(text, pieces, step);
        return pieces;
    }

    static List<(int, int)> Cut(ReadOnlySpan<char> text, List<(int Offset, int Length)> pieces, Regex step)
    {
        var result = new List<(int, int)>(text.Length / 4 + 1);
        foreach ((int offset, int length) in pieces)
        {
            int end = 0;
            foreach (ValueMatch match in step.EnumerateMatches(text.Slice(offset, length)))
            {
                if (match.Length == 0) continue;
                if (match.Index > end) result.Add((offset + end, match.Index - end));
                result.Add((offset + match.Index, match.Length));
                end = match.Index + match.Length;
            }
            if (end < length) result.Add((offset + end, length - end));
        }
        return result;
    }
}
