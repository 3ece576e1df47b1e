using DuckDB.NET.Data;
using Larr.Data;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>Streams one column of Parquet or JSONL files as texts, in the order of the rows. A file with bytes that are no UTF-8 is refused as a whole.</summary>
/// <param name="path">The file; <c>*</c> matches several.</param>
/// <param name="column">Name of the column.</param>
sealed class ColumnReader(string path, string column)
{
    /// <summary>The values, null where there is none.</summary>
    /// <exception cref="InputException">There is no such file or column, or the file is malformed.</exception>
    public IEnumerable<string?> Values()
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "set autoinstall_known_extensions = false");
        string reader = Reader();
        IReadOnlyList<string> columns = Columns(connection, reader);
        if (!columns.Contains(column, StringComparer.OrdinalIgnoreCase)) throw new InputException(path, "--column", column, "one of " + string.Join(", ", columns));
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"select cast(\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\" as varchar) from {reader}";
        command.UseStreamingMode = true;
        using (DuckDBDataReader rows = Checked(command.ExecuteReader))
            while (Checked(rows.Read)) yield return rows.IsDBNull(0) ? null : rows.GetString(0);
    }

    string Reader() => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".parquet" => $"read_parquet({SqlLiteral.Of(path)})",
        ".jsonl" or ".ndjson" => $"read_json({SqlLiteral.Of(path)}, format = 'newline_delimited', sample_size = -1)",
        string other => throw new InputException(path, "--source", $"the ending '{other}'", "csv, parquet, jsonl, or - for lines of standard input"),
    };

    List<string> Columns(DuckDBConnection connection, string reader)
    {
        if (!path.Contains('*', StringComparison.Ordinal) && !File.Exists(path)) throw new InputException(path, "no such file");
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"describe select * from {reader}";
        using DuckDBDataReader rows = Checked(command.ExecuteReader);
        List<string> names = [];
        while (rows.Read()) names.Add(rows.GetString(0));
        return names;
    }

    T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DuckDBException e)
        {
            throw new InputException(path, "reading it", $"'{FirstLine(e.Message)}'", "a readable file in UTF-8");
        }
    }

    static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();

    static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
