using Larr.Data;

namespace Larr.Corpus;

/// <summary>
/// The clicked impressions of the training part, in row order. All text and all pairs that tell of behaviour come from here,
/// so nothing of the validation and test parts can reach a language model.
/// </summary>
public sealed class TrainingClicks
{
    TrainingClicks(int[] rows, int[] items, int[]? users) => (Rows, Items, Users) = (rows, items, users);

    /// <summary>Row of each click, ascending.</summary>
    public int[] Rows { get; }

    /// <summary>Item code of each click.</summary>
    public int[] Items { get; }

    /// <summary>User code of each click; null where the table has no user field.</summary>
    public int[]? Users { get; }

    /// <summary>Collects the clicks of a table.</summary>
    public static TrainingClicks Of(ImpressionTable table)
    {
        ReadOnlySpan<Part> parts = table.Parts;
        ReadOnlySpan<byte> labels = table.Labels;
        var rows = new List<int>();
        for (int r = 0; r < parts.Length; r++)
            if (parts[r] == Part.Train && labels[r] == 1) rows.Add(r);
        int[] clicked = [.. rows];
        int[]? users = table.Find(FieldRole.User) is { } user ? Columns.Pick(table.Codes(user.Name), clicked) : null;
        return new(clicked, Columns.Pick(table.Codes(table.Find(FieldRole.Item)!.Name), clicked), users);
    }

    /// <summary>The code that a field has at each click.</summary>
    public int[] CodesOf(ImpressionTable table, string field) => Columns.Pick(table.Codes(field), Rows);

    /// <summary>How often each code of a field occurs in training rows, clicked or not; a code with 0 is unknown to training.</summary>
    public static int[] Seen(ImpressionTable table, FieldConfig field)
    {
        int[] counts = new int[table.Values(field.Name).Count];
        ReadOnlySpan<Part> parts = table.Parts;
        ReadOnlySpan<int> codes = table.Codes(field.Name);
        for (int r = 0; r < parts.Length; r++)
            if (parts[r] == Part.Train) counts[codes[r]]++;
        return counts;
    }

    /// <summary>Codes of a field that occur in training rows, by their value: codes themselves follow all parts of the table.</summary>
    public static int[] Known(ImpressionTable table, FieldConfig field)
    {
        int[] seen = Seen(table, field);
        IReadOnlyList<string> values = table.Values(field.Name);
        return [.. Enumerable.Range(0, seen.Length).Where(c => seen[c] > 0).OrderBy(c => values[c], StringComparer.Ordinal)];
    }

    /// <summary>For each owner code below <paramref name="owners"/> the indices of its clicks, in order.</summary>
    public static List<int>[] GroupBy(ReadOnlySpan<int> ownerOfClick, int owners)
    {
        var groups = new List<int>[owners];
        for (int o = 0; o < owners; o++) groups[o] = [];
        for (int c = 0; c < ownerOfClick.Length; c++) groups[ownerOfClick[c]].Add(c);
        return groups;
    }
}
