using DuckDB.NET.Data;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>Streams one column of a CSV, Parquet or JSONL file as texts, in the order of the rows.</summary>
/// <param name="path">The file; <c>*</c> matches several.</param>
/// <param name="column">Name of the column.</param>
/// <param name="bad">Counts rows that cannot be read as text.</param>
/// <param name="skipBadEncoding">Are CSV rows that are no UTF-8 skipped and counted?</param>
sealed class ColumnReader(string path, string column, BadTextCount bad, bool skipBadEncoding)
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
        if (Kind() == ".csv" && skipBadEncoding) CountRejected(connection);
    }

    string Kind() => Path.GetExtension(path).ToLowerInvariant();

    string Reader() => Kind() switch
    {
        ".csv" => $"read_csv({Quoted(path)}, header = true, all_varchar = true{(skipBadEncoding ? ", store_rejects = true" : "")})",
        ".parquet" => $"read_parquet({Quoted(path)})",
        ".jsonl" or ".ndjson" => $"read_json({Quoted(path)}, format = 'newline_delimited', sample_size = -1)",
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

    /// <summary>Rows that the CSV reader left out: those with wrong bytes are counted, any other is refused.</summary>
    void CountRejected(DuckDBConnection connection)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = "select line, error_type::varchar, error_message from reject_errors order by line";
        using DuckDBDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            if (!rows.GetString(1).Contains("ENCODING", StringComparison.OrdinalIgnoreCase) && !rows.GetString(1).Contains("UNICODE", StringComparison.OrdinalIgnoreCase))
                throw new InputException(path, $"line {rows.GetValue(0)}", $"'{FirstLine(rows.GetString(2))}'", "a CSV row");
            bad.AddNotUtf8(Convert.ToInt64(rows.GetValue(0)));
        }
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

    static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
