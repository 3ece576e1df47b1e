using Larr.Data;

namespace Larr.Corpus;

/// <summary>Scenes in words: one value as it will be embedded, or several fields of one row as a sentence of segments.</summary>
public sealed class SceneText(ImpressionTable table)
{
    /// <summary>The scene fields, in the table's order.</summary>
    public IReadOnlyList<FieldConfig> Fields { get; } = table.FindAll(FieldRole.Scene);

    /// <summary>One value through its template, exactly as the Embed stage embeds it: "the weather is light rain".</summary>
    public string Value(FieldConfig field, int code) => field.Say(table.Values(field.Name)[code]);

    /// <summary>Chosen fields of a row, each opened by its special token.</summary>
    public string Sentence(int row, IEnumerable<FieldConfig> fields) =>
        string.Join(' ', fields.Select(f => $"{f.SpecialToken} {Value(f, table.Codes(f.Name)[row])}"));

    /// <summary>At most <paramref name="most"/> scene fields drawn at random, in the table's order.</summary>
    public IReadOnlyList<FieldConfig> Draw(int most, Random random)
    {
        if (Fields.Count <= most) return Fields;
        int[] order = [.. Enumerable.Range(0, Fields.Count)];
        random.Shuffle(order);
        return [.. order.Take(most).Order().Select(f => Fields[f])];
    }
}
