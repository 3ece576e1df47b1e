using System.Text.Json;
using Larr.Runs;

namespace Larr.Data;

/// <summary>
/// The impressions of one split as flat, memory-mapped columns. A categorical column is stored as dictionary codes
/// (a storage encoding over all rows; what a model may know is decided later, from the training part alone).
/// Texts of items and users are stored once per item and user.
/// </summary>
/// <remarks>
/// Files: <c>table.json</c> (<see cref="TableLayout"/>), <c>NAME.codes</c> int32 [rows], <c>NAME.values</c> the dictionary,
/// <c>label</c>, <c>conversion</c>, <c>part</c> byte [rows], <c>time</c> int64 [rows], <c>truth</c> float32 [rows],
/// <c>NAME.numbers</c> float32 [rows], <c>NAME.offsets</c> int64 [rows + 1] with <c>NAME.items</c> int32 for a behaviour or tags, and
/// <c>NAME.owners</c> int32 [items or users] (a value code, −1 where there is none) for a text.
/// </remarks>
public sealed class ImpressionTable : IDisposable
{
    readonly string _folder;
    readonly Dictionary<string, ColumnFile<int>> _ints = [];
    readonly Dictionary<string, ColumnFile<long>> _longs = [];
    readonly Dictionary<string, ColumnFile<byte>> _bytes = [];
    readonly Dictionary<string, ColumnFile<float>> _floats = [];
    readonly Dictionary<string, string[]> _values = [];

    ImpressionTable(string folder, TableLayout layout) => (_folder, Layout) = (folder, layout);

    /// <summary>Opens the table in <paramref name="folder"/>; reading is safe from one thread at a time.</summary>
    public static ImpressionTable Open(string folder)
    {
        string path = Path.Combine(folder, "table.json");
        if (!File.Exists(path)) throw new InputException(path, "there is no impression table here");
        return new ImpressionTable(folder, JsonSerializer.Deserialize<TableLayout>(File.ReadAllBytes(path), ConfigReader.Json)!);
    }

    /// <summary>Rows and fields.</summary>
    public TableLayout Layout { get; }

    /// <summary>Number of impressions.</summary>
    public int Rows => Layout.Rows;

    /// <summary>All fields in the order of the experiment file.</summary>
    public IReadOnlyList<FieldConfig> Fields => Layout.Fields;

    /// <summary>Click labels, 0 or 1, per row.</summary>
    public ReadOnlySpan<byte> Labels => Bytes("label");

    /// <summary>Conversion labels, 0 or 1, per row; empty where the data has none.</summary>
    public ReadOnlySpan<byte> Conversions => Find(FieldRole.Conversion) is null ? [] : Bytes("conversion");

    /// <summary>True click probabilities of simulated data; empty where the data has none.</summary>
    public ReadOnlySpan<float> Truth => Find(FieldRole.Truth) is null ? [] : Column(_floats, "truth").Span;

    /// <summary>Times per row, in the unit of the source; empty where the data has none.</summary>
    public ReadOnlySpan<long> Times => Find(FieldRole.Time) is null ? [] : Column(_longs, "time").Span;

    /// <summary>The part of the split of each row.</summary>
    public ReadOnlySpan<Part> Parts => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Part>(Bytes("part"));

    /// <summary>The only field of a role, or null.</summary>
    public FieldConfig? Find(FieldRole role) => Fields.FirstOrDefault(f => f.Role == role);

    /// <summary>All fields of a role.</summary>
    public IReadOnlyList<FieldConfig> FindAll(FieldRole role) => [.. Fields.Where(f => f.Role == role)];

    /// <summary>Dictionary codes of a categorical field (user, item, group, scene, domain, feature, embedding), per row.</summary>
    public ReadOnlySpan<int> Codes(string field) => Column(_ints, field + ".codes").Span;

    /// <summary>The dictionary of a categorical or text field: <c>Values(f)[code]</c>.</summary>
    public IReadOnlyList<string> Values(string field)
    {
        if (!_values.TryGetValue(field, out string[]? values))
            _values[field] = values = StringFile.Read(Path.Combine(_folder, field + ".values"));
        return values;
    }

    /// <summary>Number of values in the dictionary of a field; does not load the values.</summary>
    public int Cardinality(string field) => _values.TryGetValue(field, out string[]? values) ? values.Length : StringFile.Count(Path.Combine(_folder, field + ".values"));

    /// <summary>A behaviour field: row r's history is <c>Items[Offsets[r]..Offsets[r + 1]]</c>, codes of the item field, oldest first.</summary>
    public Histories Behaviour(string field) => new(Column(_longs, field + ".offsets").Span, Column(_ints, field + ".items").Span);

    /// <summary>A numeric field, per row; NaN where there is no value.</summary>
    public ReadOnlySpan<float> Numbers(string field) => Column(_floats, field + ".numbers").Span;

    /// <summary>A tags field: row r's tags as codes of the field's own dictionary.</summary>
    public Histories Tags(string field) => Behaviour(field);

    /// <summary>The text of a user or item (by its code) in a text field; null where there is none.</summary>
    public string? Text(string field, int ownerCode)
    {
        int code = Column(_ints, field + ".owners").Span[ownerCode];
        return code < 0 ? null : Values(field)[code];
    }

    /// <summary>Indices of the rows of one part, ascending.</summary>
    public int[] RowsOf(Part part)
    {
        ReadOnlySpan<Part> parts = Parts;
        var rows = new List<int>();
        for (int r = 0; r < parts.Length; r++)
            if (parts[r] == part) rows.Add(r);
        return [.. rows];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable column in _ints.Values.Cast<IDisposable>().Concat(_longs.Values).Concat(_bytes.Values).Concat(_floats.Values))
            column.Dispose();
    }

    ReadOnlySpan<byte> Bytes(string file) => Column(_bytes, file).Span;

    ColumnFile<T> Column<T>(Dictionary<string, ColumnFile<T>> open, string file) where T : unmanaged
    {
        if (!open.TryGetValue(file, out ColumnFile<T>? column))
            open[file] = column = new ColumnFile<T>(Path.Combine(_folder, file));
        return column;
    }
}

/// <summary>Histories of a behaviour field in compressed-row form.</summary>
public readonly ref struct Histories(ReadOnlySpan<long> offsets, ReadOnlySpan<int> items)
{
    readonly ReadOnlySpan<long> _offsets = offsets;
    readonly ReadOnlySpan<int> _items = items;

    /// <summary>Item codes of one row, oldest first.</summary>
    public ReadOnlySpan<int> this[int row] => _items[(int)_offsets[row]..(int)_offsets[row + 1]];
}
