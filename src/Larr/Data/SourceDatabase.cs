using DuckDB.NET.Data;
using Larr.Runs;

namespace Larr.Data;

/// <summary>
/// An in-process DuckDB with one SQL view per source and the impressions on top. What does not
/// fit in memory goes to a folder that is removed on <see cref="Dispose"/>. Nothing is loaded from the network.
/// </summary>
sealed class SourceDatabase : IDisposable
{
    /// <summary>The view of the impressions, under a name that no source has.</summary>
    public const string View = "\"#view\"";

    readonly DuckDBConnection _connection = new("Data Source=:memory:");
    readonly string _spill;

    /// <summary>Opens the sources of <paramref name="config"/>.</summary>
    /// <exception cref="InputException">A file is missing or unreadable, or the view is not valid SQL over the sources.</exception>
    public SourceDatabase(DataConfig config, string baseFolder, string spillFolder, IReadOnlyDictionary<string, string> variables)
    {
        _spill = spillFolder;
        _connection.Open();
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        Execute($"SET threads = {Environment.ProcessorCount}");
        Execute($"SET memory_limit = '{memory / (1 << 20)}MiB'");
        Execute($"SET temp_directory = {SqlLiteral.Of(_spill)}");
        Execute("SET preserve_insertion_order = true");
        Execute("SET autoinstall_known_extensions = false");
        Execute("SET TimeZone = 'UTC'");

        var files = new List<string>();
        foreach ((string name, SourceConfig source) in config.Sources)
        {
            string place = $"data.sources.{name}.path";
            string path = PathVariables.Expand(source.Path, baseFolder, place, variables);
            files.Add(path);
            if (PathVariables.Matching(path).Length == 0) throw new InputException(path, $"no such file; {place} is {source.Path}");
            Checked(path, "reading it", $"a {FormatOf(source, path, place)} file", $"CREATE VIEW {Identifier(name)} AS SELECT * FROM {Reader(source, ZippedFile.Unpacked(path, _spill, name), place)}");
        }
        Files = files.Count == 1 ? files[0] : baseFolder;
        Checked(baseFolder, "data.view", "a query over the sources " + string.Join(", ", config.Sources.Keys), $"CREATE VIEW {View} AS {config.View.Trim().TrimEnd(';')}");
    }

    /// <summary>The source file, where there is one alone; for messages.</summary>
    public string Files { get; }

    /// <summary>Names and DuckDB types of the view's columns.</summary>
    public IReadOnlyDictionary<string, string> Columns()
    {
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using DuckDBCommand command = Command($"DESCRIBE {View}");
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) columns[reader.GetString(0)] = reader.GetString(1);
        return columns;
    }

    /// <summary>A command that streams its result.</summary>
    public DuckDBCommand Command(string sql)
    {
        DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        return command;
    }

    /// <summary>The first line of DuckDB's complaint as the user's error.</summary>
    public InputException Complaint(DuckDBException e) => new(Files, "data.view", $"'{FirstLine(e)}'", "a query that runs over all rows");

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        if (Directory.Exists(_spill)) Directory.Delete(_spill, recursive: true);
    }

    /// <summary>A name as an SQL identifier.</summary>
    public static string Identifier(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    static string FirstLine(DuckDBException e) => e.Message.Split('\n', 2)[0].Trim();

    static string Reader(SourceConfig source, string path, string place) => FormatOf(source, path, place) switch
    {
        SourceFormat.Csv => $"read_csv({SqlLiteral.Of(path)}, header = true, sample_size = -1)",
        SourceFormat.Parquet => $"read_parquet({SqlLiteral.Of(path)})",
        _ => $"read_json({SqlLiteral.Of(path)}, format = 'newline_delimited', sample_size = -1)",
    };

    static SourceFormat FormatOf(SourceConfig source, string path, string place) => source.Format ?? Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => SourceFormat.Csv,
        ".parquet" => SourceFormat.Parquet,
        ".jsonl" or ".ndjson" => SourceFormat.Jsonl,
        string other => throw new InputException(path, place, $"the ending '{other}'", "a format: csv, parquet or jsonl"),
    };

    void Checked(string file, string place, string expected, string sql)
    {
        try
        {
            Execute(sql);
        }
        catch (DuckDBException e)
        {
            throw new InputException(file, place, $"'{FirstLine(e)}'", expected);
        }
    }

    void Execute(string sql)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
