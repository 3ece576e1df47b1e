namespace Larr.Data;

/// <summary>Assigns each impression to a part; a pure function of its arguments.</summary>
static class SplitCut
{
    /// <summary>
    /// Cuts rows that are in time order by shares of the rows; a cut moves on to the next change of time, so that
    /// impressions of one time stay together.
    /// </summary>
    public static Part[] ByTime(ReadOnlySpan<long> times, double validation, double test)
    {
        int rows = times.Length;
        int validationStart = NextChange(times, (int)Math.Round(rows * (1 - validation - test)));
        int testStart = NextChange(times, Math.Max(validationStart, (int)Math.Round(rows * (1 - test))));
        var parts = new Part[rows];
        parts.AsSpan(validationStart, testStart - validationStart).Fill(Part.Validation);
        parts.AsSpan(testStart).Fill(Part.Test);
        return parts;
    }

    /// <summary>Every row by itself.</summary>
    public static Part[] Random(int rows, double validation, double test, int seed)
    {
        var random = new Random(seed);
        var parts = new Part[rows];
        for (int r = 0; r < rows; r++) parts[r] = PartAt(random.NextDouble(), validation, test);
        return parts;
    }

    /// <summary>Whole groups: shuffled, then cut by shares of the groups.</summary>
    public static Part[] ByGroup(ReadOnlySpan<int> groups, int groupCount, double validation, double test, int seed)
    {
        int[] rank = Shuffle(groupCount, seed);
        return Spread(groups, g => PartAt((rank[g] + 0.5) / groupCount, validation, test));
    }

    /// <summary>
    /// Whole groups in folds: shuffled and dealt round, so that folds differ by one group at most. The first
    /// <paramref name="validation"/> share of the groups outside the test fold validates.
    /// </summary>
    public static Part[] ByGroupFold(ReadOnlySpan<int> groups, int groupCount, double validation, int folds, int fold, int seed)
    {
        int[] rank = Shuffle(groupCount, seed);
        int[] groupAt = new int[groupCount];
        for (int g = 0; g < groupCount; g++) groupAt[rank[g]] = g;
        int[] rest = [.. groupAt.Where((_, position) => position % folds != fold)];
        int validationCount = (int)Math.Round(rest.Length * validation);

        var part = new Part[groupCount];
        Array.Fill(part, Part.Test);
        for (int i = 0; i < rest.Length; i++) part[rest[i]] = i < validationCount ? Part.Validation : Part.Train;
        return Spread(groups, g => part[g]);
    }

    static Part PartAt(double position, double validation, double test) =>
        position < test ? Part.Test : position < test + validation ? Part.Validation : Part.Train;

    static Part[] Spread(ReadOnlySpan<int> groups, Func<int, Part> partOf)
    {
        var parts = new Part[groups.Length];
        for (int r = 0; r < parts.Length; r++) parts[r] = partOf(groups[r]);
        return parts;
    }

    static int[] Shuffle(int count, int seed)
    {
        int[] ranks = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(ranks);
        return ranks;
    }

    static int NextChange(ReadOnlySpan<long> times, int row)
    {
        while (row > 0 && row < times.Length && times[row] == times[row - 1]) row++;
        return row;
    }
}
