using System.Text.Json;
using DuckDB.NET.Data;
using Larr.Data;
using Larr.Runs;

namespace Larr.Embed;

/// <summary>
/// Vectors of values as Parquet, for any reader: columns field, value, text, hash (32 hex digits, <see cref="ContentHash"/>),
/// popularity, vector (a list of floats). The identity stands as JSON in the file's key-value metadata under <c>larr.identity</c>.
/// </summary>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Rows">Field, value, text and popularity of each row.</param>
/// <param name="Vectors">[rows][dimension], in the order of the rows.</param>
public sealed record VectorFile(VectorIdentity Identity, IReadOnlyList<ValueText> Rows, IReadOnlyList<float[]> Vectors)
{
    /// <summary>Where in a Parquet file's metadata the identity of its vectors stands.</summary>
    internal const string IdentityKey = "larr.identity";

    static readonly JsonSerializerOptions s_strict = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>Writes the rows in their order.</summary>
    /// <exception cref="ArgumentException">A vector has another dimension, or there are more or fewer vectors than rows.</exception>
    public void Write(string path)
    {
        if (Rows.Count != Vectors.Count) throw new ArgumentException($"{Vectors.Count} vectors for {Rows.Count} rows");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        // A fixed-size array is appended four times as fast as a list and is the same in Parquet.
        Execute(connection, $"create table v (field varchar, value varchar, text varchar, hash varchar, popularity bigint, vector float[{Identity.Dimension}])");
        using (DuckDBAppender appender = connection.CreateAppender("v"))
        {
            for (int r = 0; r < Rows.Count; r++)
            {
                ValueText row = Rows[r];
                if (Vectors[r].Length != Identity.Dimension) throw new ArgumentException($"row {r} has {Vectors[r].Length} components, not {Identity.Dimension}");
                appender.CreateRow().AppendValue(row.Field).AppendValue(row.Value).AppendValue(row.Text)
                    .AppendValue(row.Hash.ToString("x32")).AppendValue(row.Popularity).AppendValue((IEnumerable<float>)Vectors[r]).EndRow();
            }
        }
        string identity = JsonSerializer.Serialize(Identity, JsonSerializerOptions.Web);
        Execute(connection, $"copy v to {SqlLiteral.Of(path)} (format parquet, kv_metadata {{\"{IdentityKey}\": {SqlLiteral.Of(identity)}}})");
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">It is not such a file, or a row does not fit the identity or its hash.</exception>
    public static VectorFile Read(string path)
    {
        if (!File.Exists(path)) throw new InputException(path, "there is no vector file here");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        try
        {
            VectorIdentity identity = ReadIdentity(connection, path);
            var (rows, vectors) = (new List<ValueText>(), new List<float[]>());
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = $"select field, value, text, hash, popularity, vector::float[{identity.Dimension}] as vector from read_parquet({SqlLiteral.Of(path)}) order by file_row_number";
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (Enumerable.Range(0, 6).FirstOrDefault(reader.IsDBNull, -1) is >= 0 and var column)
                    throw new InputException(path, $"row {rows.Count}", $"no {reader.GetName(column)}", "field, value, text, hash, popularity and vector in every row");
                var row = new ValueText(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(4));
                if (row.Hash.ToString("x32") != reader.GetString(3))
                    throw new InputException(path, $"row {rows.Count}", $"hash {reader.GetString(3)}", $"{row.Hash:x32}, that of its text");
                rows.Add(row);
                vectors.Add([.. reader.GetFieldValue<List<float>>(5)]);
            }
            return new VectorFile(identity, rows, vectors);
        }
        catch (DuckDBException wrong)
        {
            throw new InputException(path, $"not a vector file: {wrong.Message.ReplaceLineEndings(" ")}");
        }
    }

    static VectorIdentity ReadIdentity(DuckDBConnection connection, string path)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"select decode(value) from parquet_kv_metadata({SqlLiteral.Of(path)}) where decode(key) = {SqlLiteral.Of(IdentityKey)}";
        string json = command.ExecuteScalar() as string ?? throw new InputException(path, $"metadata has no {IdentityKey}: the model of the vectors is unknown");
        try { return JsonSerializer.Deserialize<VectorIdentity>(json, s_strict) is { Dimension: > 0 } identity ? identity : throw new JsonException(); }
        catch (JsonException) { throw new InputException(path, IdentityKey, json, "model, tokenizer, template, pooling and dimension of the vectors as JSON"); }
    }

    static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
