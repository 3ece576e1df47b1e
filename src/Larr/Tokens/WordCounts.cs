using System.Runtime.InteropServices;

namespace Larr.Tokens;

/// <summary>How often each pre-tokenised word occurs in texts: all that BPE training needs to know of them.</summary>
public static class WordCounts
{
    /// <summary>Counts the words of the texts; special tokens end a word and are not counted.</summary>
    public static Dictionary<string, long> Of(IEnumerable<string> texts, WordSplit split, IReadOnlyCollection<string> specialTokens)
    {
        AddedTokenPattern? special = specialTokens.Count == 0 ? null : AddedTokenPattern.Of(specialTokens);
        Dictionary<string, long> counts = [];
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            int start = 0;
            foreach ((int offset, int length, _) in special?.Matches(text) ?? [])
            {
                Count(text.AsSpan(start, offset - start));
                start = offset + length;
            }
            Count(text.AsSpan(start));
        }
        return counts;

        void Count(ReadOnlySpan<char> segment)
        {
            foreach ((int offset, int length) in split.Words(segment))
                CollectionsMarshal.GetValueRefOrAddDefault(bySpan, segment.Slice(offset, length), out _)++;
        }
    }
}
