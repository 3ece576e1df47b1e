using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using DuckDB.NET.Data;
using Larr.Data;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>A stretch of a log: keys and scene codes of its rows.</summary>
/// <param name="number">Number of the part; it begins at row number × rows per part.</param>
/// <param name="fields">Scene fields of a row.</param>
sealed class LogPart(int number, int fields)
{
    readonly ArrayBufferWriter<byte> _keys = new();
    readonly List<int> _ends = [], _codes = [];

    public int Number => number;

    public int Rows => _ends.Count;

    /// <summary>Keys in Parquet's plain encoding.</summary>
    public ReadOnlySpan<byte> Keys => _keys.WrittenSpan;

    public ReadOnlySpan<int> KeyEnds => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ends);

    /// <summary>Scene codes, [rows, fields].</summary>
    public ReadOnlySpan<int> Codes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_codes);

    /// <summary>Values without a vector, by field.</summary>
    public long[] Unseen { get; } = new long[fields];

    public void AddKey(string key)
    {
        int bytes = Encoding.UTF8.GetByteCount(key);
        Span<byte> to = _keys.GetSpan(4 + bytes);
        BinaryPrimitives.WriteInt32LittleEndian(to, bytes);
        Encoding.UTF8.GetBytes(key, to[4..]);
        _keys.Advance(4 + bytes);
        _ends.Add(_keys.WrittenCount);
    }

    public void AddCode(int field, int code)
    {
        _codes.Add(code);
        if (code == 0) Unseen[field]++;
    }
}

/// <summary>
/// Reads the rows of a log through the experiment's view, part by part; memory holds a few parts and no more. The view must give the same rows in the
/// same order at every run, which any query does that neither draws random numbers nor asks for the time.
/// </summary>
/// <param name="config">Sources and view. Only the key and the scene columns of the view are read.</param>
/// <param name="baseFolder">Folder of the experiment file.</param>
/// <param name="variables">Values of <c>${NAME}</c> in paths.</param>
/// <param name="spillFolder">Where DuckDB puts what does not fit in memory.</param>
sealed class SceneLog(DataConfig config, string baseFolder, IReadOnlyDictionary<string, string> variables, string spillFolder)
{
    const string RowNumber = "\"#row\"";

    /// <summary>The parts of a shard that are not finished yet, in the order of the rows.</summary>
    /// <param name="encoder">Gives the codes.</param>
    /// <param name="key">Column of the row key; null for the number of the row, from 0.</param>
    /// <param name="rowsPerPart">Rows of every part but the last.</param>
    /// <param name="shard">Which parts: those whose number leaves this remainder…</param>
    /// <param name="shards">… when divided by this.</param>
    /// <param name="finished">Parts to pass over: the first ones of the shard, as a run writes them one after the other.</param>
    public IEnumerable<LogPart> Parts(SceneEncoder encoder, string? key, int rowsPerPart, int shard, int shards, IReadOnlyList<int> finished)
    {
        for (int p = 0; p < finished.Count; p++)
            if (finished[p] != shard + p * shards) throw new ArgumentException($"part {finished[p]} is finished before part {shard + p * shards}", nameof(finished));
        using var database = new SourceDatabase(config, baseFolder, spillFolder, variables);
        IReadOnlyDictionary<string, string> columns = database.Columns();
        foreach (string column in encoder.Fields.Concat(key is null ? [] : [key]))
        {
            if (!columns.ContainsKey(column))
                throw new InputException(database.Files, column == key ? "--key" : "scene field", column, $"a column of the log; '{Nearest.To(column, columns.Keys)}' perhaps");
        }
        // Parts are numbered by the order of the rows, which is the same at every run on one thread alone: parallel joins shuffle it.
        using (DuckDBCommand threads = database.Command("SET threads = 1")) threads.ExecuteNonQuery();
        using DuckDBCommand command = database.Command(Query(encoder.Fields, key, rowsPerPart, shard, shards, finished.Count));
        using DuckDBDataReader reader = Checked(database, command.ExecuteReader);
        int fields = encoder.Fields.Count;
        LogPart? part = null;
        long last = -1;
        while (Checked(database, reader.Read))
        {
            long row = reader.GetInt64(0);
            if (row <= last) throw new InputException(database.Files, "data.view", $"row {row} after row {last}", "rows in the same order at every run: give the query an ORDER BY");
            last = row;
            int number = checked((int)(row / rowsPerPart));
            if (part is null || part.Number != number)
            {
                if (part is not null) yield return part;
                part = new LogPart(number, fields);
            }
            if (reader.IsDBNull(1)) throw new InputException(database.Files, $"row {row}, column {key}", "nothing", "a key");
            part.AddKey(reader.GetString(1));
            for (int f = 0; f < fields; f++)
            {
                string value = reader.IsDBNull(f + 2) ? "" : reader.GetString(f + 2);
                part.AddCode(f, encoder.Code(f, string.IsNullOrWhiteSpace(value) ? CodeSink.Unknown : value));
            }
        }
        if (part is not null) yield return part;
    }

    static string Query(IReadOnlyList<string> fields, string? key, int rowsPerPart, int shard, int shards, int finished)
    {
        string keySql = key is null ? RowNumber : SourceDatabase.Identifier(key);
        IEnumerable<string> values = fields.Select(f => $"CAST({SourceDatabase.Identifier(f)} AS VARCHAR)");
        string part = $"{RowNumber} // {rowsPerPart}";
        string where = shards == 1 ? "" : $" WHERE {part} % {shards} = {shard}";
        // A bound and not a list of parts: DuckDB makes a join of a long list, and a join may give the rows in another order.
        if (finished > 0) where += $"{(where.Length == 0 ? " WHERE" : " AND")} {RowNumber} >= {((long)shard + (long)finished * shards) * rowsPerPart}";
        return $"SELECT {RowNumber}, CAST({keySql} AS VARCHAR), {string.Join(", ", values)} FROM (SELECT *, row_number() OVER () - 1 AS {RowNumber} FROM {SourceDatabase.View}){where}";
    }

    static T Checked<T>(SourceDatabase database, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DuckDBException e)
        {
            throw database.Complaint(e);
        }
    }
}
