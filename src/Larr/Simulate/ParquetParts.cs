using DuckDB.NET.Data;

namespace Larr.Simulate;

/// <summary>
/// Appends rows to Parquet files NAME-00000.parquet, NAME-00001.parquet …, so that memory
/// holds one part and no more.
/// </summary>
sealed class ParquetParts : IDisposable
{
    readonly DuckDBConnection _connection = new("Data Source=:memory:");
    readonly string _path;
    readonly string _columns;
    readonly int _rowsPerPart;
    DuckDBAppender? _appender;
    int _part;
    int _rows;

    /// <param name="path">Path of the files, without number and ending.</param>
    /// <param name="columns">Columns as in CREATE TABLE.</param>
    /// <param name="rowsPerPart">Most rows of one file.</param>
    public ParquetParts(string path, string columns, int rowsPerPart = 250_000)
    {
        (_path, _columns, _rowsPerPart) = (path, columns, rowsPerPart);
        _connection.Open();
        Execute("SET preserve_insertion_order = true");
        Open();
    }

    /// <summary>Appends a row.</summary>
    public void Add(Action<IDuckDBAppenderRow> row)
    {
        if (_rows == _rowsPerPart)
        {
            Close();
            Open();
        }
        _appender!.AppendRow(row);
        _rows++;
    }

    /// <summary>Writes the last file.</summary>
    public void Finish() => Close();

    /// <inheritdoc/>
    public void Dispose()
    {
        _appender?.Dispose();
        _connection.Dispose();
    }

    void Open()
    {
        Execute($"CREATE TABLE part ({_columns})");
        _appender = _connection.CreateAppender("part");
        _rows = 0;
    }

    void Close()
    {
        _appender!.Dispose();
        _appender = null;
        string path = $"{_path}-{_part++:D5}.parquet".Replace("'", "''", StringComparison.Ordinal);
        Execute($"COPY part TO '{path}' (FORMAT parquet)");
        Execute("DROP TABLE part");
    }

    void Execute(string sql)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
