using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Larr.Data;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>The vectors of one block and how they are written.</summary>
/// <param name="Values">The values.</param>
/// <param name="Hashes">Content hash of each value's text.</param>
/// <param name="Vectors">A vector for each.</param>
/// <param name="Form">Their form.</param>
sealed record Part(IReadOnlyList<string> Values, IReadOnlyList<UInt128> Hashes, IReadOnlyList<float[]> Vectors, VectorForm Form)
{
    /// <summary>Writes the part's files aside, brings them to the disk and gives them their names, which are returned.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="number">Number of the part.</param>
    /// <param name="format">How.</param>
    /// <param name="metadata">Key-value metadata of the vectors.</param>
    public IReadOnlyList<string> Write(string folder, int number, PartFormat format, IReadOnlyDictionary<string, string> metadata)
    {
        string name = $"part-{number:D5}";
        (string Name, Action<string> Write)[] files = format == PartFormat.Parquet
            ? [(name + ".parquet", path => WriteParquet(path, metadata))]
            : [(name + ".vectors", WriteRaw), (name + ".jsonl", WriteLines)];
        foreach ((string file, Action<string> write) in files)
            Disk.Real.Replace(Path.Combine(folder, file), write);
        return [.. files.Select(f => f.Name)];
    }

    /// <summary>One row as JSON: value, hash, vector and, for int8, the scale.</summary>
    public JsonObject Line(int row, bool withVector)
    {
        var line = new JsonObject { ["value"] = Values[row], ["hash"] = Hashes[row].ToString("x32") };
        if (Form.Quantization == Quantization.Int8) line["scale"] = VectorForm.Scale(Vectors[row]);
        if (withVector)
            line["vector"] = Form.Quantization == Quantization.Int8
                ? new JsonArray([.. Whole(row).Select(c => JsonValue.Create((int)c))])
                : new JsonArray([.. Vectors[row].Select(c => JsonValue.Create(c))]);
        return line;
    }

    void WriteParquet(string path, IReadOnlyDictionary<string, string> metadata)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "set threads = 1"); // The file's bytes depend on its rows alone.
        string vector = Form.Quantization switch { Quantization.Int8 => $"tinyint[{Form.Width}], scale float", Quantization.Float16 => $"usmallint[{Form.Width}]", _ => $"float[{Form.Width}]" };
        Execute(connection, $"create table v (value varchar, hash varchar, vector {vector})");
        using (DuckDBAppender appender = connection.CreateAppender("v"))
            for (int r = 0; r < Values.Count; r++)
            {
                IDuckDBAppenderRow row = appender.CreateRow().AppendValue(Values[r]).AppendValue(Hashes[r].ToString("x32"));
                row = Form.Quantization switch
                {
                    Quantization.Int8 => row.AppendValue((IEnumerable<sbyte>)Whole(r)).AppendValue(VectorForm.Scale(Vectors[r])),
                    Quantization.Float16 => row.AppendValue((IEnumerable<ushort>)Halves(r)),
                    _ => row.AppendValue((IEnumerable<float>)Vectors[r]),
                };
                row.EndRow();
            }
        string pairs = string.Join(", ", metadata.Select(m => $"\"{m.Key}\": {SqlLiteral.Of(m.Value)}"));
        Execute(connection, $"copy v to {SqlLiteral.Of(path)} (format parquet, kv_metadata {{{pairs}}})");
    }

    void WriteRaw(string path)
    {
        using FileStream stream = File.Create(path);
        for (int r = 0; r < Values.Count; r++)
            stream.Write(Form.Quantization switch
            {
                Quantization.Int8 => MemoryMarshal.AsBytes<sbyte>(Whole(r)),
                Quantization.Float16 => LittleEndian<ushort>(Halves(r)),
                _ => LittleEndian<float>(Vectors[r]),
            });
    }

    void WriteLines(string path)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        for (int r = 0; r < Values.Count; r++) writer.WriteLine(Line(r, withVector: false).ToJsonString(Json));
    }

    static ReadOnlySpan<byte> LittleEndian<T>(T[] values) where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes<T>(values).ToArray();
        if (!BitConverter.IsLittleEndian)
            for (int i = 0; i < bytes.Length; i += bytes.Length / values.Length) bytes.AsSpan(i, bytes.Length / values.Length).Reverse();
        return bytes;
    }

    sbyte[] Whole(int row) => VectorForm.Whole(Vectors[row], VectorForm.Scale(Vectors[row]));

    ushort[] Halves(int row) => [.. Vectors[row].Select(c => BitConverter.HalfToUInt16Bits((Half)c))];

    /// <summary>Text stays readable: only what JSON itself needs is escaped.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
