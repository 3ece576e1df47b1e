using DuckDB.NET.Data;

namespace Larr.Data;

/// <summary>A categorical column as codes of a dictionary. A missing scene, domain, feature or embedding value reads "unknown".</summary>
sealed class CodeSink(FieldConfig field, string column, string path, ValueDictionary values)
    : ColumnSink(field, $"CAST({column} AS VARCHAR)")
{
    /// <summary>What a missing value reads as.</summary>
    internal const string Unknown = "unknown";

    readonly ColumnWriter<int> _writer = new(path);

    public override int? Cardinality => values.Count;

    public ValueDictionary Values => values;

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        string text = reader.IsDBNull(ordinal) ? "" : reader.GetString(ordinal);
        if (string.IsNullOrWhiteSpace(text))
        {
            if (Field.Role is FieldRole.User or FieldRole.Item or FieldRole.Group)
                throw place.Complaint(Field, "nothing", $"the {Field.Role.ToString().ToLowerInvariant()}'s identity");
            text = Unknown;
        }
        _writer.Append(values.Add(text));
    }

    public override void Finish(string folder) => StringFile.Write(Path.Combine(folder, Field.Name + ".values"), values.Values);

    public override void Dispose() => _writer.Dispose();
}

/// <summary>
/// Lists in compressed-row form: histories, whose items join the item dictionary where they were never shown themselves, and tags, with a dictionary of their own.
/// </summary>
sealed class ListSink : ColumnSink
{
    readonly ColumnWriter<long> _offsets;
    readonly ColumnWriter<int> _items;
    readonly ValueDictionary _values;
    long _end;

    public ListSink(FieldConfig field, string column, string offsetsPath, string itemsPath, ValueDictionary items)
        : base(field, $"CAST({column} AS VARCHAR[])")
    {
        _offsets = new ColumnWriter<long>(offsetsPath);
        _items = new ColumnWriter<int>(itemsPath);
        _values = items;
        _offsets.Append(0);
    }

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        if (!reader.IsDBNull(ordinal))
        {
            foreach (string? id in reader.GetFieldValue<List<string?>>(ordinal))
            {
                if (string.IsNullOrEmpty(id)) throw place.Complaint(Field, Field.Role == FieldRole.Tags ? "an empty tag" : "an empty identity", Field.Role == FieldRole.Tags ? "texts" : "item identities");
                _items.Append(_values.Add(id));
                _end++;
            }
        }
        _offsets.Append(_end);
    }

    public override int? Cardinality => Field.Role == FieldRole.Tags ? _values.Count : null;

    public override void Finish(string folder)
    {
        if (Field.Role == FieldRole.Tags) StringFile.Write(Path.Combine(folder, Field.Name + ".values"), _values.Values);
    }

    public override void Dispose()
    {
        _offsets.Dispose();
        _items.Dispose();
    }
}
