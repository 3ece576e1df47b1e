using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Larr.Tokens;

/// <summary>How often each pre-tokenised word occurs in texts: all that BPE training needs to know of them.</summary>
public static class WordCounts
{
    /// <summary>Counts the words of the texts; special tokens end a word and are not counted.</summary>
    public static Dictionary<string, long> Of(IEnumerable<string> texts, RegexSplit split, IReadOnlyCollection<string> specialTokens)
    {
        Regex? special = specialTokens.Count == 0 ? null : SpecialTokenPattern.Of(specialTokens);
        Dictionary<string, long> counts = [];
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
            foreach (string segment in special is null ? [text] : special.Split(text))
                foreach ((int offset, int length) in split.PreTokenize(segment))
                    CollectionsMarshal.GetValueRefOrAddDefault(bySpan, segment.AsSpan(offset, length), out _)++;
        return counts;
    }
}
