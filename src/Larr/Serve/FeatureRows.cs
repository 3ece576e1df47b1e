using System.Globalization;
using Larr.Data;
using Larr.Features;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// The saved feature map of a click model: from a field's value, as text, to its row of the embedding table. Text features and embedding fields come after the fields
/// of the map: their rows are projected vectors, by the item or user whose text it is, and by the key of a vector made elsewhere. Fields of tags come last.
/// </summary>
sealed class FeatureRows
{
    readonly FeatureField[] _fields;
    readonly Dictionary<string, int>?[] _rows; // within the field
    readonly int[] _first;

    readonly int _vectors;

    FeatureRows(FeatureField[] fields, int texts, int vectors, int tags, Dictionary<string, int>?[] rows)
    {
        (_fields, Projected, _vectors, _rows) = (fields, texts + vectors, vectors, rows);
        (Fields, Tags) = ([.. fields.SkipLast(tags).Select(f => f.Name)], [.. fields.TakeLast(tags).Select(f => f.Name)]);
        _first = new int[fields.Length];
        // The rows of the tags are part of the embedding table and so lie before the projected vectors.
        int categorical = Fields.Count - Projected;
        foreach (int f in (int[])[.. Enumerable.Range(0, categorical), .. Enumerable.Range(Fields.Count, tags), .. Enumerable.Range(categorical, Projected)])
            (_first[f], Size) = (Size, checked(Size + fields[f].Rows));
    }

    /// <summary>The fields of one value in the order of the model's input, the item first, where it is one; then <c>FIELD text</c> per text feature, then the embedding fields.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The fields of several values; they follow <see cref="Fields"/> in the numbering of fields.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>How many of <see cref="Fields"/>, from the last, have projected vectors: text features, then embedding fields.</summary>
    public int Projected { get; }

    /// <summary>Rows of the embedding table and of the projected vectors.</summary>
    public int Size { get; }

    /// <summary>Reads what the click model's folder holds.</summary>
    /// <exception cref="InputException">A file is missing, or a vocabulary is that of another run.</exception>
    public static FeatureRows Read(string folder, IReadOnlyList<string> texts, IReadOnlyList<string> vectors)
    {
        FeatureField[] saved = FeatureMapFolder.Fields(folder);
        Dictionary<string, int>?[] vocabularies =
            [.. saved.Select((f, n) => f.Kind is FeatureKind.Categorical or FeatureKind.Tags ? FeatureMapFolder.Vocabulary(FeatureMapFolder.VocabularyFile(folder, n), f) : null)];
        int tags = saved.Count(f => f.Kind == FeatureKind.Tags); // the last ones
        (List<FeatureField> fields, List<Dictionary<string, int>?> rows) = ([.. saved.SkipLast(tags)], [.. vocabularies.SkipLast(tags)]);
        for (int t = 0; t < texts.Count; t++) AddProjected(texts[t] + " text", $"texts.{t}.values");
        for (int t = 0; t < vectors.Count; t++) AddProjected(vectors[t], $"vectors.{t}.values");
        return new FeatureRows([.. fields, .. saved.TakeLast(tags)], texts.Count, vectors.Count, tags, [.. rows, .. vocabularies.TakeLast(tags)]);

        void AddProjected(string name, string file)
        {
            string[] keys = StringFile.Read(Path.Combine(folder, file));
            fields.Add(new FeatureField(name, FeatureKind.Categorical, Values: keys.Length));
            rows.Add(keys.Select((k, n) => (k, n)).ToDictionary(k => k.k, k => 1 + k.n));
        }
    }

    /// <summary>Whether a field's rows are vectors made elsewhere.</summary>
    public bool HasVectors(int field) => field < Fields.Count && field >= Fields.Count - _vectors;

    /// <summary>Values that a row of a field stores in a model of <paramref name="dimension"/>.</summary>
    public int Width(int field, int dimension) => _fields[field].Width(dimension);

    /// <summary>The rows of a field: its first, and how many.</summary>
    public (int First, int Count) RowsOf(int field) => (_first[field], _fields[field].Rows);

    /// <summary>The row of a value; the field's out-of-vocabulary row, and false, where training did not know it. Allocates nothing.</summary>
    /// <exception cref="InputException">The field holds numbers and the value is none.</exception>
    public bool TryGet(int field, ReadOnlySpan<char> value, out int row, out float scale)
    {
        FeatureField f = _fields[field];
        if (f.Kind is FeatureKind.Bucketised or FeatureKind.Scaled) return TryGet(field, value.Length == 0 ? float.NaN : Number(f, value), out row, out scale);
        (scale, int within) = (1, 0);
        if (value.Length == 0) value = CodeSink.Unknown; // as in the impression table
        if (_rows[field] is { } rows) rows.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out within);
        else within = f.RowOf(value);
        row = _first[field] + within;
        return within > 0;
    }

    /// <summary>The row of a number; NaN is missing.</summary>
    public bool TryGet(int field, float number, out int row, out float scale)
    {
        FeatureField f = _fields[field];
        if (f.Kind is not (FeatureKind.Bucketised or FeatureKind.Scaled)) throw new InputException("request", f.Name, $"{number}", "a text");
        if (float.IsInfinity(number)) throw new InputException("request", f.Name, $"{number}", "a finite number");
        int within = f.RowOf(number);
        (row, scale) = (_first[field] + within, f.ScaleOf(number));
        return within > 0;
    }

    static float Number(FeatureField field, ReadOnlySpan<char> value) => float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number)
        ? number : throw new InputException("request", field.Name, $"\"{value}\"", "a number");
}
