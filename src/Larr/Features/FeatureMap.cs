using Larr.Data;
using Larr.Runs;

namespace Larr.Features;

/// <summary>
/// From the values of an impression table to rows of one embedding table. It knows the values of the training part alone: a value
/// that is rare there, or absent, shares its field's out-of-vocabulary row, and so do missing numbers.
/// </summary>
/// <remarks>
/// Field f owns the rows <c>[offset, offset + size)</c>; the first of them is its out-of-vocabulary row, the others follow the
/// order of the table's codes. Vocabularies are kept as strings, so a saved map fits any table with these fields.
/// </remarks>
public sealed class FeatureMap
{
    readonly ImpressionTable _table;
    readonly FeatureField[] _fields;
    readonly int[] _offsets;
    readonly int[][] _ids;
    readonly int[]?[] _buckets;

    /// <summary>A map of learned fields for the values of a table.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="fields">The fields, tags last.</param>
    /// <param name="idsWithin">Rows within each field by code; taken over.</param>
    internal FeatureMap(ImpressionTable table, FeatureField[] fields, int[][] idsWithin)
    {
        (_table, _fields, _ids) = (table, fields, idsWithin);
        _offsets = new int[fields.Length + 1];
        _buckets = new int[fields.Length][];
        for (int f = 0; f < fields.Length; f++)
        {
            _offsets[f + 1] = checked(_offsets[f] + fields[f].Rows);
            foreach (ref int id in _ids[f].AsSpan()) id += _offsets[f];
            if (fields[f].Kind is FeatureKind.Bucketised or FeatureKind.Scaled) _buckets[f] = BucketsOf(table.Numbers(fields[f].Name), fields[f]);
        }
        Fields = [.. fields.Where(f => f.Kind != FeatureKind.Tags).Select(f => f.Name)];
        Tags = [.. fields.Where(f => f.Kind == FeatureKind.Tags).Select(f => f.Name)];
    }

    /// <summary>The fields of one value per impression, in the order of the model's input.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The fields of several values; they follow <see cref="Fields"/> in the numbering of fields.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>All fields as the training part has shown them.</summary>
    internal IReadOnlyList<FeatureField> Learned => _fields;

    /// <summary>Number of rows of the embedding table.</summary>
    public int Size => _offsets[^1];

    /// <summary>The out-of-vocabulary row of each field.</summary>
    public ReadOnlySpan<int> Unknown => _offsets.AsSpan(0, _fields.Length);

    /// <summary>Whether some field's embedding is multiplied by a number.</summary>
    public bool HasScaled => _fields.Any(f => f.Kind == FeatureKind.Scaled);

    /// <summary>Learns <paramref name="fields"/> from the training part.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="fields">Names; tags are put last.</param>
    /// <param name="minCount">Occurrences that a value needs, where its field says nothing else.</param>
    public static FeatureMap Build(ImpressionTable table, IReadOnlyList<string> fields, int minCount)
    {
        FieldConfig[] configs = [.. fields.Select(n => table.Fields.First(f => f.Name == n)).OrderBy(f => f.Role == FieldRole.Tags)];
        var learned = new FeatureField[configs.Length];
        int[][] ids = new int[configs.Length][];
        for (int f = 0; f < configs.Length; f++)
        {
            (FeatureField field, ids[f]) = Learn(table, configs[f], configs[f].MinCount ?? Math.Max(1, minCount));
            learned[f] = field with { Dimension = configs[f].Dimension };
        }
        return new FeatureMap(table, learned, ids);
    }

    /// <summary>Codes of a field of one value, per row of the table; <see cref="Ids"/> maps them.</summary>
    public ReadOnlySpan<int> Codes(int field) => _buckets[field] ?? _table.Codes(_fields[field].Name);

    /// <summary>Table rows by code of the field at position <paramref name="field"/>.</summary>
    public ReadOnlySpan<int> Ids(int field) => _ids[field];

    /// <summary>What the embedding of a field is multiplied by in a row of the table: 1, or the standardised number.</summary>
    public float Scale(int field, int row) => _fields[field].Kind == FeatureKind.Scaled ? _fields[field].ScaleOf(_table.Numbers(_fields[field].Name)[row]) : 1;

    /// <summary>The values that own a row, in row order from the field's first row + 1.</summary>
    public IReadOnlyList<string> Known(int field)
    {
        IReadOnlyList<string> values = _table.Values(_fields[field].Name);
        return [.. Enumerable.Range(0, values.Count).Where(c => _ids[field][c] != _offsets[field]).OrderBy(c => _ids[field][c]).Select(c => values[c])];
    }

    /// <summary>Values that a row of the field at position <paramref name="field"/> stores in a model of <paramref name="dimension"/>.</summary>
    public int Width(int field, int dimension) => _fields[field].Width(dimension);

    /// <summary>Values of each row of an embedding table for a model of <paramref name="dimension"/>, <paramref name="more"/> beside its vector; null where all are as wide.</summary>
    public int[]? RowWidths(int dimension, int more)
    {
        if (_fields.All(f => f.Width(dimension) == dimension)) return null;
        int[] widths = new int[Size];
        for (int f = 0; f < _fields.Length; f++) widths.AsSpan(_offsets[f].._offsets[f + 1]).Fill(_fields[f].Width(dimension) + more);
        return widths;
    }

    /// <summary>Throws where a field stores wider rows than a model of <paramref name="dimension"/> has embeddings.</summary>
    /// <exception cref="InputException">There is such a field.</exception>
    public void CheckWidths(int dimension)
    {
        foreach (FeatureField field in _fields)
            if (field.Dimension > dimension) throw new InputException("experiment", $"data.fields.{field.Name}.dimension", $"{field.Dimension}", $"1 to {dimension}, which ctr.embeddingDimension is: the widest field's");
    }

    /// <summary>Position of a field, or −1.</summary>
    public int Find(string? field) => Array.FindIndex(_fields, f => f.Name == field);

    /// <summary>Share of the values in <paramref name="rows"/>, per field, that share the out-of-vocabulary row.</summary>
    public IReadOnlyDictionary<string, double> UnseenShare(ReadOnlySpan<int> rows)
    {
        var share = new Dictionary<string, double>();
        for (int f = 0; f < Fields.Count; f++)
        {
            ReadOnlySpan<int> codes = Codes(f);
            int unseen = 0;
            foreach (int row in rows)
                if (_ids[f][codes[row]] == _offsets[f]) unseen++;
            share[Fields[f]] = rows.Length == 0 ? 0 : (double)unseen / rows.Length;
        }
        return share;
    }

    static (FeatureField Field, int[] Ids) Learn(ImpressionTable table, FieldConfig config, int minCount)
    {
        FeatureKind kind = FeatureField.KindOf(config);
        if (kind is FeatureKind.Bucketised or FeatureKind.Scaled)
        {
            FeatureField number = FeatureField.OfNumber(config, TrainingNumbers(table, config.Name));
            return (number, [.. Enumerable.Range(0, number.Rows)]);
        }
        if (kind == FeatureKind.Hashed)
        {
            var hashed = new FeatureField(config.Name, kind, config.Hash!.Value);
            return (hashed, [.. table.Values(config.Name).Select(v => hashed.RowOf(v))]);
        }
        // The counts become the ids in place, and the strings are not needed: a vocabulary of millions costs four bytes a value.
        int[] ids = TrainingCounts(table, config.Name, kind, table.Cardinality(config.Name));
        int known = 0;
        for (int c = 0; c < ids.Length; c++) ids[c] = ids[c] >= minCount ? ++known : 0;
        return (new FeatureField(config.Name, kind, Values: known), ids);
    }

    static int[] TrainingCounts(ImpressionTable table, string field, FeatureKind kind, int values)
    {
        ReadOnlySpan<Part> parts = table.Parts;
        int[] counts = new int[values];
        if (kind == FeatureKind.Tags)
        {
            Histories tags = table.Tags(field);
            for (int r = 0; r < parts.Length; r++)
                if (parts[r] == Part.Train)
                    foreach (int code in tags[r]) counts[code]++;
            return counts;
        }
        ReadOnlySpan<int> codes = table.Codes(field);
        for (int r = 0; r < codes.Length; r++)
            if (parts[r] == Part.Train) counts[codes[r]]++;
        return counts;
    }

    static List<float> TrainingNumbers(ImpressionTable table, string field)
    {
        ReadOnlySpan<float> numbers = table.Numbers(field);
        ReadOnlySpan<Part> parts = table.Parts;
        List<float> training = [];
        for (int r = 0; r < numbers.Length; r++)
            if (parts[r] == Part.Train) training.Add(numbers[r]);
        return training;
    }

    static int[] BucketsOf(ReadOnlySpan<float> numbers, FeatureField field)
    {
        int[] buckets = new int[numbers.Length];
        for (int r = 0; r < buckets.Length; r++) buckets[r] = field.RowOf(numbers[r]);
        return buckets;
    }
}
