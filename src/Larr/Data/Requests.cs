using Larr.Runs;

namespace Larr.Data;

/// <summary>Which rows belong to one request: those of the same group and scene. They share a scene, which need be read or encoded once.</summary>
public static class Requests
{
    /// <summary>The first row of each request; all rows of a table that does not tell its requests.</summary>
    public static int[] FirstRows(ImpressionTable table)
    {
        if (Find(table) is not { } requests) return [.. Enumerable.Range(0, table.Rows)];
        int[] first = new int[requests.Count];
        for (int row = table.Rows - 1; row >= 0; row--) first[requests.OfRow[row]] = row;
        return first;
    }

    /// <summary>The number of the request of each of <paramref name="rows"/>.</summary>
    /// <exception cref="InputException">The table has no group field or no scene field.</exception>
    public static int[] Of(ImpressionTable table, int[] rows) => Find(table) is { } requests
        ? Columns.Pick(requests.OfRow, rows)
        : throw new InputException("experiment", "align.wholeRequests", "true", "a field of the role group and one of the role scene, which tell what a request is");

    /// <summary>The requests of a table, each with the codes of its group and of its scene fields; null without a group field or without scene fields.</summary>
    static DistinctScenes? Find(ImpressionTable table) =>
        table.Find(FieldRole.Group) is { } group && DistinctScenes.FieldsOf(table) is { Length: > 0 } fields ? DistinctScenes.Of(table, [group.Name, .. fields]) : null;
}
