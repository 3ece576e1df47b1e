using Larr.Data;

namespace Larr.Corpus;

/// <summary>
/// Items in words: every text field of an item as a segment opened by its special token, given fields (name, place) first and
/// target fields (category, description, menu) after them, so that a causal model learns to predict what is sold from what the
/// shop is called and where it lies (LARR stage 1, arXiv 2408.11523).
/// </summary>
/// <remarks>Where the data has no text of an item, its identity is said in words (underscores become spaces).</remarks>
public sealed class ItemText
{
    readonly ImpressionTable _table;
    readonly FieldConfig _item;

    /// <summary>Texts of the items of <paramref name="table"/>.</summary>
    public ItemText(ImpressionTable table)
    {
        _table = table;
        _item = table.Find(FieldRole.Item)!;
        Fields = [.. table.FindAll(FieldRole.Text).Where(f => f.Of == TextOwner.Item).OrderBy(f => f.Target)];
    }

    /// <summary>The item's text fields, given ones first.</summary>
    public IReadOnlyList<FieldConfig> Fields { get; }

    /// <summary>Number of items.</summary>
    public int Count => _table.Values(_item.Name).Count;

    /// <summary>All segments of an item.</summary>
    public string Of(int item)
    {
        string text = Join(item, Fields);
        return text.Length > 0 ? text : $"{_item.SpecialToken} {Words(item)}";
    }

    /// <summary>The target segments of an item, or all of them where it has no target text.</summary>
    public string Targets(int item)
    {
        string targets = Join(item, Fields.Where(f => f.Target));
        return targets.Length > 0 ? targets : Of(item);
    }

    string Join(int item, IEnumerable<FieldConfig> fields) => string.Join(' ',
        fields.Select(f => (Field: f, Text: _table.Text(f.Name, item)))
            .Where(s => !string.IsNullOrWhiteSpace(s.Text))
            .Select(s => $"{s.Field.SpecialToken} {s.Field.Say(s.Text!)}"));

    internal string Words(int item) => _item.Say(_table.Values(_item.Name)[item].Replace('_', ' '));
}
