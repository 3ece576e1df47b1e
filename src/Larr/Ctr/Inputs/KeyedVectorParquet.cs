using System.Text.Json;
using DuckDB.NET.Data;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Ctr.Inputs;

/// <summary>
/// Reads vectors by key from Parquet: a column <c>key</c> or <c>value</c> (texts) and a column <c>vector</c> (a list of numbers; with a column <c>scale</c>, times that, and
/// unsigned 16-bit numbers are the bits of half precision). Who made them stands in the metadata under <c>larr.identity</c>, if anywhere.
/// </summary>
static class KeyedVectorParquet
{
    /// <summary>Reads the rows of all files, and returns what they were made with; null where nobody says.</summary>
    internal static string? Read(string[] files, string field, string? expected, KeyedVectorRows rows)
    {
        string? first = null;
        using DuckDBConnection connection = Open();
        foreach (string file in files)
            Checked(file, () =>
            {
                string? own = IdentityOf(connection, file);
                Compare(file, own, expected);
                if (file == files[0]) first = own;
                else if (own != first) throw Refused(file, own, $"{first ?? "nothing"}, as in {Path.GetFileName(files[0])}");
                ReadRows(connection, file, field, rows);
            });
        return first;
    }

    /// <summary>Throws where a file is of another identity.</summary>
    internal static void CheckIdentity(string[] files, string expected)
    {
        using DuckDBConnection connection = Open();
        foreach (string file in files) Checked(file, () => Compare(file, IdentityOf(connection, file), expected));
    }

    /// <summary>Throws where an identity is expected and another is found.</summary>
    internal static void Compare(string file, string? found, string? expected)
    {
        if (expected is not null && found != expected) throw Refused(file, found, expected);
    }

    static InputException Refused(string file, string? found, string expected) => new(file, VectorFile.IdentityKey, found ?? "nothing", $"{expected}; vectors of different identities are never mixed");

    static void ReadRows(DuckDBConnection connection, string file, string field, KeyedVectorRows rows)
    {
        Dictionary<string, string> types = Columns(connection, file);
        string key = new[] { "key", "value" }.FirstOrDefault(types.ContainsKey) ?? throw Missing(file, "key or value", types.Keys);
        if (!types.TryGetValue("vector", out string? type)) throw Missing(file, "vector", types.Keys);
        if (!type.EndsWith(']')) throw new InputException(file, "column vector", "the type " + type, "a list of numbers");
        bool halves = type.StartsWith("USMALLINT", StringComparison.Ordinal), ofFields = types.ContainsKey("field");
        if (ofFields && Fields(connection, file) is var fields && !fields.Contains(field)) throw KeyedVectors.WrongField(file, field, fields);
        string columns = $"file_row_number, CAST({key} AS VARCHAR), CAST(vector AS {(halves ? "USMALLINT" : "FLOAT")}[]), {(types.ContainsKey("scale") ? "scale" : "1")}::FLOAT";
        using DuckDBCommand command = Command(connection,
            $"SELECT {columns} FROM read_parquet({SqlLiteral.Of(file)}, file_row_number = true){(ofFields ? $" WHERE field = {SqlLiteral.Of(field)}" : "")} ORDER BY file_row_number");
        command.UseStreamingMode = true;
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            string place = $"row {reader.GetInt64(0) + 1}";
            if (reader.IsDBNull(1)) throw new InputException(file, $"{place}, {key}", "nothing", "a key");
            if (reader.IsDBNull(2)) throw new InputException(file, $"{place}, vector of \"{reader.GetString(1)}\"", "nothing", "numbers");
            float scale = reader.IsDBNull(3) ? float.NaN : reader.GetFloat(3);
            float[] vector = halves
                ? [.. reader.GetFieldValue<List<ushort?>>(2).Select(v => v is { } bits ? (float)BitConverter.UInt16BitsToHalf(bits) : float.NaN)]
                : [.. reader.GetFieldValue<List<float?>>(2).Select(v => (v ?? float.NaN) * scale)];
            rows.Add(file, place, reader.GetString(1), vector);
        }
    }

    static Dictionary<string, string> Columns(DuckDBConnection connection, string file)
    {
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using DuckDBCommand command = Command(connection, $"DESCRIBE SELECT * FROM read_parquet({SqlLiteral.Of(file)})");
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) columns[reader.GetString(0)] = reader.GetString(1);
        return columns;
    }

    static List<string> Fields(DuckDBConnection connection, string file)
    {
        var names = new List<string>();
        using DuckDBCommand command = Command(connection, $"SELECT DISTINCT field FROM read_parquet({SqlLiteral.Of(file)}) WHERE field IS NOT NULL ORDER BY 1");
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    }

    static string? IdentityOf(DuckDBConnection connection, string file)
    {
        using DuckDBCommand command = Command(connection, $"SELECT decode(value) FROM parquet_kv_metadata({SqlLiteral.Of(file)}) WHERE decode(key) = {SqlLiteral.Of(VectorFile.IdentityKey)}");
        if (command.ExecuteScalar() is not string json) return null;
        try { return JsonSerializer.Deserialize<VectorIdentity>(json, JsonSerializerOptions.Web)?.ToString(); }
        catch (JsonException) { throw new InputException(file, VectorFile.IdentityKey, json, "the identity of the vectors as JSON"); }
    }

    static void Checked(string file, Action read)
    {
        try { read(); }
        catch (DuckDBException wrong) { throw new InputException(file, "reading it", $"'{wrong.Message.Split('\n')[0].Trim()}'", "a Parquet file of keys and vectors"); }
    }

    static InputException Missing(string file, string column, IEnumerable<string> columns) => new(file, "columns", string.Join(", ", columns), $"a column {column}");

    static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    static DuckDBCommand Command(DuckDBConnection connection, string sql)
    {
        DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
