using System.Text.RegularExpressions;

namespace Larr.Tokens;

/// <summary>The pattern that finds special tokens in a text: leftmost first, the longest of those that start there.</summary>
static class SpecialTokenPattern
{
    public static Regex Of(IEnumerable<string> tokens) => new(
        string.Join('|', tokens.OrderByDescending(t => t.Length).ThenBy(t => t, StringComparer.Ordinal).Select(Regex.Escape)),
        RegexOptions.Compiled | RegexOptions.CultureInvariant);
}
