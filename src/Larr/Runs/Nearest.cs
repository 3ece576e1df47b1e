namespace Larr.Runs;

/// <summary>The known name that a misspelt one most probably means, by edit distance.</summary>
public static class Nearest
{
    /// <summary>The nearest of <paramref name="known"/> to <paramref name="name"/>; the first of several.</summary>
    public static string To(string name, IEnumerable<string> known) => known.MinBy(k => Distance(name, k)) ?? "";

    /// <summary>Levenshtein distance, ignoring case.</summary>
    public static int Distance(string a, string b)
    {
        (a, b) = (a.ToLowerInvariant(), b.ToLowerInvariant());
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                row[j] = Math.Min(Math.Min(row[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = row;
        }
        return previous[b.Length];
    }
}
