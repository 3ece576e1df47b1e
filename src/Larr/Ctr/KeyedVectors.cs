using System.Text.Json;
using DuckDB.NET.Data;
using Larr.Data;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Ctr;

/// <summary>Vectors made elsewhere, by key: read from Parquet, or from the live generation of an index.</summary>
/// <remarks>
/// Parquet needs a column <c>key</c> or <c>value</c> (texts) and a column <c>vector</c> (a list of numbers; with a column <c>scale</c>, times that, and unsigned 16-bit
/// numbers are the bits of half precision). Who made them stands in the metadata under <c>larr.identity</c>, if anywhere.
/// </remarks>
/// <param name="Keys">The keys, each once.</param>
/// <param name="Vectors">[keys, D], as they were made.</param>
/// <param name="Dimension">Length D of a vector.</param>
/// <param name="Identity">What they were made with, as LARR prints it; null where nobody says.</param>
public sealed record KeyedVectors(IReadOnlyList<string> Keys, float[] Vectors, int Dimension, string? Identity)
{
    const string IdentityKey = "larr.identity";

    /// <summary>Content hash of every file behind the source of <paramref name="field"/>, by name: what a stage that reads it depends on.</summary>
    /// <param name="field">A field of the role embedding.</param>
    /// <param name="baseFolder">Folder of the experiment file.</param>
    /// <exception cref="InputException">There is no such file.</exception>
    public static IReadOnlyDictionary<string, string> Hashes(FieldConfig field, string baseFolder)
    {
        string path = PathOf(field, baseFolder);
        if (!Directory.Exists(path)) return Files(field, path).ToDictionary(f => $"{field.Name}/{Path.GetFileName(f)}", FileHash.Of);
        using Generation live = new IndexFolder(path).OpenLive();
        // The header holds the checksums of all that belongs to the generation.
        return new Dictionary<string, string> { [$"{field.Name}/generation"] = FileHash.Of(Path.Combine(live.Folder, IndexFormat.Header)) };
    }

    /// <summary>Reads the source of <paramref name="field"/>.</summary>
    /// <param name="field">A field of the role embedding.</param>
    /// <param name="baseFolder">Folder of the experiment file.</param>
    /// <exception cref="InputException">A file is missing or is none of these, its vectors are of another identity than the experiment says, or a vector cannot be used.</exception>
    public static KeyedVectors Read(FieldConfig field, string baseFolder)
    {
        string path = PathOf(field, baseFolder), of = field.Vectors!.Field ?? field.Name;
        var collected = new Collected();
        string? identity = Directory.Exists(path) ? ReadIndex(path, of, field.Vectors.Identity, collected) : ReadParquet(Files(field, path), of, field.Vectors.Identity, collected);
        if (collected.Keys.Count == 0) throw new InputException(path, of, "no vector", "a vector per key");
        return new KeyedVectors([.. collected.Keys.Keys], [.. collected.Vectors], collected.Dimension, identity);
    }

    static string PathOf(FieldConfig field, string baseFolder) =>
        PathVariables.Expand(field.Vectors!.Path, baseFolder, $"data.fields.{field.Name}.vectors.path", new Dictionary<string, string>());

    static string[] Files(FieldConfig field, string path) => PathVariables.Matching(path) is { Length: > 0 } files ? files
        : throw new InputException(path, $"no such file or index; data.fields.{field.Name}.vectors.path is {field.Vectors!.Path}");

    static string? ReadIndex(string path, string field, string? expected, Collected collected)
    {
        using Generation live = new IndexFolder(path).OpenLive();
        Compare(path, live.Header.Identity.ToString(), expected);
        if (live.Header.Fields.All(f => f.Name != field)) throw WrongField(path, field, live.Header.Fields.Select(f => f.Name));
        foreach (int row in live.Rows(field)) collected.Add(path, $"row {row}", live.Value(row), live.Vector(row));
        return live.Header.Identity.ToString();
    }

    static string? ReadParquet(string[] files, string field, string? expected, Collected collected)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        string? identity = null;
        foreach (string file in files)
        {
            try
            {
                string? own = ReadIdentity(connection, file);
                Compare(file, own, expected);
                if (file != files[0] && own != identity) throw new InputException(file, IdentityKey, own ?? "nothing", $"{identity ?? "nothing"}, as in {Path.GetFileName(files[0])}; vectors of different identities are never mixed");
                identity = own;
                ReadRows(connection, file, field, collected);
            }
            catch (DuckDBException wrong)
            {
                throw new InputException(file, "reading it", $"'{wrong.Message.Split('\n')[0].Trim()}'", "a Parquet file of keys and vectors");
            }
        }
        return identity;
    }

    static void ReadRows(DuckDBConnection connection, string file, string field, Collected collected)
    {
        Dictionary<string, string> types = Columns(connection, file);
        string key = new[] { "key", "value" }.FirstOrDefault(types.ContainsKey) ?? throw Missing(file, "key or value", types.Keys);
        if (!types.TryGetValue("vector", out string? type)) throw Missing(file, "vector", types.Keys);
        if (!type.EndsWith(']')) throw new InputException(file, "column vector", "the type " + type, "a list of numbers");
        bool halves = type.StartsWith("USMALLINT", StringComparison.Ordinal), scaled = types.ContainsKey("scale"), fields = types.ContainsKey("field");
        string where = fields ? $" WHERE field = {Quote(field)}" : "";
        if (fields && Names(connection, file) is var names && !names.Contains(field)) throw WrongField(file, field, names);
        using DuckDBCommand command = Command(connection,
            $"SELECT file_row_number, CAST({key} AS VARCHAR), CAST(vector AS {(halves ? "USMALLINT" : "FLOAT")}[]), {(scaled ? "scale" : "1")}::FLOAT FROM read_parquet({Quote(file)}, file_row_number = true){where} ORDER BY file_row_number");
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
            collected.Add(file, place, reader.GetString(1), vector);
        }
    }

    static Dictionary<string, string> Columns(DuckDBConnection connection, string file)
    {
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using DuckDBCommand command = Command(connection, $"DESCRIBE SELECT * FROM read_parquet({Quote(file)})");
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) columns[reader.GetString(0)] = reader.GetString(1);
        return columns;
    }

    static List<string> Names(DuckDBConnection connection, string file)
    {
        var names = new List<string>();
        using DuckDBCommand command = Command(connection, $"SELECT DISTINCT field FROM read_parquet({Quote(file)}) WHERE field IS NOT NULL ORDER BY 1");
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    }

    static string? ReadIdentity(DuckDBConnection connection, string file)
    {
        using DuckDBCommand command = Command(connection, $"SELECT decode(value) FROM parquet_kv_metadata({Quote(file)}) WHERE decode(key) = {Quote(IdentityKey)}");
        if (command.ExecuteScalar() is not string json) return null;
        try { return JsonSerializer.Deserialize<VectorIdentity>(json, JsonSerializerOptions.Web)?.ToString(); }
        catch (JsonException) { throw new InputException(file, IdentityKey, json, "the identity of the vectors as JSON"); }
    }

    static void Compare(string file, string? found, string? expected)
    {
        if (expected is not null && found != expected) throw new InputException(file, IdentityKey, found ?? "nothing", $"{expected}; vectors of different identities are never mixed");
    }

    static InputException Missing(string file, string column, IEnumerable<string> columns) => new(file, "columns", string.Join(", ", columns), $"a column {column}");

    static InputException WrongField(string file, string field, IEnumerable<string> fields) => new(file, "field", string.Join(", ", fields), $"{field}, or name another as vectors.field");

    static DuckDBCommand Command(DuckDBConnection connection, string sql)
    {
        DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    sealed class Collected
    {
        internal Dictionary<string, int> Keys { get; } = [];

        internal List<float> Vectors { get; } = [];

        internal int Dimension { get; private set; }

        internal void Add(string file, string place, string key, ReadOnlySpan<float> vector)
        {
            string at = $"{place}, vector of \"{key}\"";
            if (Dimension == 0) Dimension = vector.Length;
            if (vector.Length != Dimension || Dimension == 0) throw new InputException(file, at, $"{vector.Length} numbers", Dimension == 0 ? "1 or more" : $"{Dimension}, as the vectors before it");
            foreach (float component in vector)
                if (!float.IsFinite(component)) throw new InputException(file, at, float.IsNaN(component) ? "NaN" : "infinity", "finite numbers");
            if (!Keys.TryAdd(key, Keys.Count)) throw new InputException(file, $"{place}, key", $"\"{key}\" again", "each key once");
            Vectors.AddRange(vector);
        }
    }
}
