using Larr.Data;
using Larr.Stats;

namespace Larr.Ctr;

/// <summary>Rows that share something, and how well they were predicted.</summary>
/// <param name="By">What they share: a field's name, "item seen", "user seen" or "item clicked".</param>
/// <param name="Value">The field's value, or the range of training rows in which the item or user occurred, or of training clicks on the item.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Clicks">How many of them were clicked.</param>
/// <param name="Auc">AUC of clicks; null where one class is missing.</param>
/// <param name="LogLoss">Mean log loss of clicks, nats.</param>
/// <param name="Calibration">Mean prediction over the share of clicks; null without clicks.</param>
public sealed record CtrSlice(string By, string Value, int Rows, int Clicks, double? Auc, double LogLoss, double? Calibration);

/// <summary>Metrics by domain, by each scene field's value, by how often the training part has seen the item and the user, and by how often the item was clicked there.</summary>
public static class CtrSlices
{
    /// <summary><see cref="CtrSlice.By"/> of the slices by how often the training part has seen the item.</summary>
    public const string ItemSeen = "item seen";

    /// <summary>The same of the user.</summary>
    public const string UserSeen = "user seen";

    /// <summary>The same by its clicks alone: where negatives are drawn, items that nobody clicked are seen as well.</summary>
    public const string ItemClicked = "item clicked";

    /// <summary><see cref="CtrSlice.Value"/> of what the training part has never seen, or seen clicked.</summary>
    public const string Never = "0";

    /// <summary>The most frequent values of a field that are reported.</summary>
    public const int ValuesPerField = 12;

    /// <summary>Lower ends of the ranges of coldness, in training rows.</summary>
    static readonly int[] s_seen = [0, 1, 5, 20, 100];

    /// <summary>The slices of <paramref name="rows"/>.</summary>
    public static IReadOnlyList<CtrSlice> Of(ImpressionTable table, ReadOnlySpan<int> rows, CtrPredictions predictions)
    {
        float[] scores = predictions.Click;
        byte[] clicks = Columns.Pick(table.Labels, rows);
        List<CtrSlice> slices = [];
        foreach (FieldConfig field in table.Fields.Where(f => f.Role is FieldRole.Domain or FieldRole.Scene))
        {
            IReadOnlyList<string> values = table.Values(field.Name);
            slices.AddRange(Slices(field.Name, Columns.Pick(table.Codes(field.Name), rows), scores, clicks).Take(ValuesPerField).Select(s => s.Of(values[s.Key])));
        }
        foreach ((FieldRole role, string by) in new[] { (FieldRole.Item, ItemSeen), (FieldRole.User, UserSeen), (FieldRole.Item, ItemClicked) })
        {
            if (table.Find(role) is not { } field) continue;
            int[] seen = Seen(table, field.Name, clicked: by == ItemClicked);
            int[] cold = [.. Columns.Pick(table.Codes(field.Name), rows).Select(code => s_seen.Count(low => low <= seen[code]) - 1)];
            slices.AddRange(Slices(by, cold, scores, clicks).OrderBy(s => s.Key).Select(s => s.Of(Range(s.Key))));
        }
        return slices;
    }

    /// <summary>Training rows of each code, or only those that were clicked.</summary>
    static int[] Seen(ImpressionTable table, string field, bool clicked)
    {
        int[] seen = new int[table.Cardinality(field)];
        ReadOnlySpan<int> codes = table.Codes(field);
        ReadOnlySpan<Part> parts = table.Parts;
        ReadOnlySpan<byte> labels = table.Labels;
        for (int r = 0; r < codes.Length; r++)
            if (parts[r] == Part.Train && (!clicked || labels[r] == 1)) seen[codes[r]]++;
        return seen;
    }

    static string Range(int range) => range == s_seen.Length - 1 ? $"{s_seen[range]} or more"
        : s_seen[range] == s_seen[range + 1] - 1 ? $"{s_seen[range]}" : $"{s_seen[range]} to {s_seen[range + 1] - 1}";

    /// <summary>One slice per key, the largest first.</summary>
    static IEnumerable<Slice> Slices(string by, int[] keys, float[] scores, byte[] clicks) =>
        Enumerable.Range(0, keys.Length).GroupBy(i => keys[i]).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => new Slice(by, g.Key, [.. g.Select(i => scores[i])], [.. g.Select(i => clicks[i])]));

    sealed record Slice(string By, int Key, float[] Scores, byte[] Clicks)
    {
        internal CtrSlice Of(string value)
        {
            double auc = Auc.Compute(Scores, Clicks);
            return new CtrSlice(By, value, Clicks.Length, Clicks.Count(c => c == 1), double.IsNaN(auc) ? null : auc, LogLoss.Compute(Scores, Clicks), Calibration.Of(Scores, Clicks).Ratio);
        }
    }
}
