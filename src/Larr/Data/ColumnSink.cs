using DuckDB.NET.Data;
using Larr.Runs;

namespace Larr.Data;

/// <summary>
/// Takes the values of one field row by row into its column files. <see cref="Sql"/> is the expression that the
/// view's column is read through.
/// </summary>
abstract class ColumnSink(FieldConfig field, string sql) : IDisposable
{
    public FieldConfig Field { get; } = field;

    public string Sql { get; } = sql;

    /// <summary>Number of distinct values, where the column is categorical.</summary>
    public virtual int? Cardinality => null;

    /// <summary>Appends the value in column <paramref name="ordinal"/> of the current row.</summary>
    public abstract void Append(DuckDBDataReader reader, int ordinal, RowPlace place);

    /// <summary>Writes what is only known at the end.</summary>
    public virtual void Finish(string folder) { }

    public abstract void Dispose();

    /// <summary>The sink of a field; null for texts, which are read once per owner.</summary>
    public static ColumnSink? For(FieldConfig field, string columnType, string folder, string file, ValueDictionary items)
    {
        string column = SourceDatabase.Identifier(field.Name);
        string At(string name) => Path.Combine(folder, name);
        return field.Role switch
        {
            FieldRole.Label => new BinarySink(field, column, At("label")),
            FieldRole.Conversion => new BinarySink(field, column, At("conversion")),
            FieldRole.Time => new TimeSink(field, TimeSql(field, column, columnType, file), At("time")),
            FieldRole.Truth => new TruthSink(field, column, At("truth")),
            FieldRole.Number => new NumberSink(field, column, At(field.Name + ".numbers")),
            FieldRole.Tags => columnType.EndsWith("[]", StringComparison.Ordinal)
                ? new ListSink(field, column, At(field.Name + ".offsets"), At(field.Name + ".items"), new ValueDictionary())
                : throw new InputException(file, "column " + field.Name, "the type " + columnType, "a list of texts"),
            FieldRole.Item => new CodeSink(field, column, At(field.Name + ".codes"), items),
            FieldRole.Behaviour => columnType.EndsWith("[]", StringComparison.Ordinal)
                ? new ListSink(field, column, At(field.Name + ".offsets"), At(field.Name + ".items"), items)
                : throw new InputException(file, "column " + field.Name, "the type " + columnType, "a list of item identities"),
            FieldRole.Text => null,
            _ => new CodeSink(field, column, At(field.Name + ".codes"), new ValueDictionary()),
        };
    }

    static string TimeSql(FieldConfig field, string column, string type, string file) => type switch
    {
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => $"CAST({column} AS BIGINT)",
        "DATE" => $"epoch_us(CAST({column} AS TIMESTAMP))",
        _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => $"epoch_us(CAST({column} AS TIMESTAMP))",
        _ => throw new InputException(file, "column " + field.Name, "the type " + type, "an integer, a date or a timestamp"),
    };
}

/// <summary>Where a row came from, for messages.</summary>
readonly record struct RowPlace(string File, long Row)
{
    public InputException Complaint(FieldConfig field, string value, string expected) =>
        new(File, $"row {Row} of the view, column {field.Name}", value, expected);
}

/// <summary>A 0/1 column.</summary>
sealed class BinarySink(FieldConfig field, string column, string path) : ColumnSink(field, $"CAST({column} AS VARCHAR)")
{
    readonly ColumnWriter<byte> _writer = new(path);

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        if (reader.IsDBNull(ordinal)) throw place.Complaint(Field, "nothing", "0 or 1");
        string text = reader.GetString(ordinal);
        _writer.Append(text switch
        {
            "0" or "0.0" or "false" => (byte)0,
            "1" or "1.0" or "true" => (byte)1,
            _ => throw place.Complaint(Field, $"'{text}'", "0 or 1"),
        });
    }

    public override void Dispose() => _writer.Dispose();
}

/// <summary>Times, as integers or as microseconds since 1970.</summary>
sealed class TimeSink(FieldConfig field, string sql, string path) : ColumnSink(field, sql)
{
    readonly ColumnWriter<long> _writer = new(path);
    long _last = long.MinValue;

    /// <summary>Whether no time so far was before the one above it.</summary>
    public bool Ascending { get; private set; } = true;

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        long time = reader.IsDBNull(ordinal) ? throw place.Complaint(Field, "nothing", "a time") : reader.GetInt64(ordinal);
        Ascending &= time >= _last;
        _last = time;
        _writer.Append(time);
    }

    public override void Dispose() => _writer.Dispose();
}

/// <summary>True click probabilities.</summary>
sealed class TruthSink(FieldConfig field, string column, string path) : ColumnSink(field, $"CAST({column} AS DOUBLE)")
{
    readonly ColumnWriter<float> _writer = new(path);

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        double value = reader.IsDBNull(ordinal) ? double.NaN : reader.GetDouble(ordinal);
        if (!(value >= 0 && value <= 1)) throw place.Complaint(Field, value.ToString(), "a probability");
        _writer.Append((float)value);
    }

    public override void Dispose() => _writer.Dispose();
}

/// <summary>Numbers; NaN stands for a missing one.</summary>
sealed class NumberSink(FieldConfig field, string column, string path) : ColumnSink(field, $"CAST({column} AS DOUBLE)")
{
    readonly ColumnWriter<float> _writer = new(path);

    public override void Append(DuckDBDataReader reader, int ordinal, RowPlace place)
    {
        if (reader.IsDBNull(ordinal))
        {
            _writer.Append(float.NaN);
            return;
        }
        double value = reader.GetDouble(ordinal);
        if (!float.IsFinite((float)value)) throw place.Complaint(Field, value.ToString(System.Globalization.CultureInfo.InvariantCulture), "a finite number, or null where there is none");
        _writer.Append((float)value);
    }

    public override void Dispose() => _writer.Dispose();
}
