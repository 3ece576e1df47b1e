using System.Collections.Concurrent;

namespace Larr.Tokens;

/// <summary>
/// The ids of words seen before. Natural text repeats its words, so that most are found here and need no merging. Bounded: it stops
/// growing when full, and long words stay out. Safe for several threads.
/// </summary>
sealed class WordCache
{
    const int MostWords = 1 << 17, LongestWord = 48;

    readonly ConcurrentDictionary<string, int[]> words = new(Environment.ProcessorCount, capacity: 1 << 14);
    readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    int count;

    public WordCache() => bySpan = words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Adds the word's ids if they are known.</summary>
    public bool TryAppend(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestWord || !bySpan.TryGetValue(word, out int[]? known)) return false;
        if (known.Length == 1) ids.Add(known[0]);
        else ids.AddRange(known.AsSpan());
        return true;
    }

    /// <summary>Remembers a word.</summary>
    public void Remember(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length > LongestWord || Volatile.Read(ref count) >= MostWords) return;
        if (bySpan.TryAdd(word, ids.ToArray())) Interlocked.Increment(ref count);
    }
}
