using System.Text.RegularExpressions;

namespace Larr.Tokens;

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that start there.</summary>
sealed class AddedTokenPattern
{
    readonly Regex regex;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids;
    readonly bool spaces;

    public AddedTokenPattern(IReadOnlyList<AddedToken> tokens)
    {
        regex = new(
            string.Join('|', tokens.OrderByDescending(t => t.Content.Length).ThenBy(t => t.Content, StringComparer.Ordinal).Select(Expression)),
            RegexOptions.Compiled | RegexOptions.CultureInvariant);
        ids = tokens.ToDictionary(t => t.Content, t => t.Id).GetAlternateLookup<ReadOnlySpan<char>>();
        spaces = tokens.Any(t => t.TakesSpaceBefore || t.TakesSpaceAfter);
    }

    /// <summary>The pattern of tokens that take no white space.</summary>
    public static AddedTokenPattern Of(IEnumerable<string> tokens) => new([.. tokens.Select((t, i) => new AddedToken(i, t, Special: true))]);

    /// <summary>The tokens of a text in order: where each stands, with the white space that it takes, and its id.</summary>
    public List<(int Offset, int Length, int Id)> Matches(ReadOnlySpan<char> text)
    {
        List<(int, int, int)> found = [];
        foreach (ValueMatch match in regex.EnumerateMatches(text))
        {
            ReadOnlySpan<char> token = text.Slice(match.Index, match.Length);
            found.Add((match.Index, match.Length, spaces && !ids.ContainsKey(token) ? ids[Bare(token)] : ids[token]));
        }
        return found;
    }

    ReadOnlySpan<char> Bare(ReadOnlySpan<char> token)
    {
        if (ids.ContainsKey(token.TrimStart())) return token.TrimStart();
        return ids.ContainsKey(token.TrimEnd()) ? token.TrimEnd() : token.Trim();
    }

    static string Expression(AddedToken token)
    {
        string text = Regex.Escape(token.Content);
        if (token.WholeWord) text = $@"(?<!\w){text}(?!\w)";
        return (token.TakesSpaceBefore ? @"\s*" : "") + text + (token.TakesSpaceAfter ? @"\s*" : "");
    }
}
