using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Larr.Embed;
using Larr.Index.Servers;
using Larr.Runs;
using Npgsql;
using Pgvector;

namespace Larr.Index.Postgres;

/// <summary>
/// An index in PostgreSQL with pgvector: a table for each generation, with the identity in its comment, an HNSW index over the cosine distance,
/// and a view that readers use. pgvector's HNSW indexes at most 2,000 dimensions; wider vectors are searched exactly.
/// </summary>
public sealed class PostgresServer : IIndexServer
{
    const int MaxIndexed = 2000;

    readonly ServerConfig _config;
    readonly NpgsqlDataSource _source;
    readonly string _connection;
    readonly string _host;
    WriterLock? _lock;

    /// <summary>A server by its connection string.</summary>
    public PostgresServer(ServerConfig config)
    {
        GenerationName.CheckPrefix(config.Name);
        _config = config;
        NpgsqlDataSourceBuilder builder;
        try
        {
            builder = new NpgsqlDataSourceBuilder(config.Url);
            if (ServerKey.Of(config) is { } key) builder.ConnectionStringBuilder.Password = key;
            builder.ConnectionStringBuilder.CommandTimeout = (int)Math.Ceiling(config.TimeoutSeconds);
            builder.UseVector();
            _source = builder.Build();
        }
        catch (ArgumentException problem) { throw new InputException("index.server", "url", "a connection string of another kind", $"Host=…;Database=…;Username=… ({problem.Message})"); }
        _connection = builder.ConnectionString;
        _host = $"postgres {builder.ConnectionStringBuilder.Host}:{builder.ConnectionStringBuilder.Port}";
    }

    /// <inheritdoc/>
    public string Place => $"{_host} view {_config.Name}";

    /// <inheritdoc/>
    public Task<GenerationName?> Live(CancellationToken cancel) => Within(async connection =>
    {
        const string Sql = """
            SELECT DISTINCT t.relname FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
            JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
            JOIN pg_class t ON t.oid = d.refobjid
            WHERE v.relkind = 'v' AND v.relname = $1 AND v.relnamespace = current_schema()::regnamespace
            """;
        await using NpgsqlCommand command = Command(connection, Sql, _config.Name);
        string? table = (string?)await command.ExecuteScalarAsync(cancel);
        if (table is null) return null;
        return GenerationName.Parse(_config.Name, table) ?? throw new InputException(Place, "table", table, "a generation that larr index refresh made");
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<GenerationName>> List(CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlCommand command = Command(connection, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<GenerationName>();
        while (await reader.ReadAsync(cancel))
            if (GenerationName.Parse(_config.Name, reader.GetString(0)) is { } name) found.Add(name);
        return (IReadOnlyList<GenerationName>)found;
    });

    /// <inheritdoc/>
    public Task<VectorIdentity> Identity(GenerationName generation, CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlCommand command = Command(connection, "SELECT obj_description($1::regclass, 'pg_class')", Quoted(generation));
        string? comment = await command.ExecuteScalarAsync(cancel) as string;
        try { return JsonSerializer.Deserialize<VectorIdentity>(comment ?? "null", IndexFormat.Json) ?? throw new JsonException("no comment"); }
        catch (JsonException) { throw new InputException(Place, "comment", $"{generation.Name} without an identity", "a generation that larr index refresh made"); }
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<ServerRow> Rows(GenerationName generation, [EnumeratorCancellation] CancellationToken cancel)
    {
        Guid after = Guid.Empty;
        while (true)
        {
            ServerRow[] page = await Within(async connection =>
            {
                await using NpgsqlCommand command = Command(connection, $"SELECT id, hash, popularity FROM {Quoted(generation)} WHERE id > $1 ORDER BY id LIMIT {_config.Batch}", after);
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
                var rows = new List<ServerRow>();
                while (await reader.ReadAsync(cancel)) rows.Add(new ServerRow(reader.GetGuid(0), Hash(generation, reader.GetString(1)), reader.GetInt64(2)));
                return rows.ToArray();
            });
            if (page.Length == 0) yield break;
            foreach (ServerRow row in page) yield return row;
            after = page[^1].Id;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<Guid, float[]>> Vectors(GenerationName generation, IReadOnlyList<Guid> ids, CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlCommand command = Command(connection, $"SELECT id, embedding FROM {Quoted(generation)} WHERE id = ANY($1)", ids.ToArray());
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var found = new Dictionary<Guid, float[]>();
        while (await reader.ReadAsync(cancel)) found[reader.GetGuid(0)] = reader.GetFieldValue<Vector>(1).ToArray();
        return (IReadOnlyDictionary<Guid, float[]>)found;
    });

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> Lock(CancellationToken cancel)
    {
        try { return _lock = await WriterLock.Take(_connection, _config.Name, Place, cancel); }
        catch (Exception problem) when (problem is NpgsqlException or SocketException) { throw Failed(problem); }
    }

    /// <inheritdoc/>
    public Task Create(GenerationName generation, VectorIdentity identity, CancellationToken cancel) => Within(async connection =>
    {
        await Execute(connection, "CREATE EXTENSION IF NOT EXISTS vector", cancel);
        await connection.ReloadTypesAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, $"""
            CREATE TABLE {Quoted(generation)} (id uuid PRIMARY KEY, field text NOT NULL, value text NOT NULL, text text NOT NULL,
                popularity bigint NOT NULL, hash char(32) NOT NULL, embedding vector({identity.Dimension}) NOT NULL)
            """, cancel);
        string comment = JsonSerializer.Serialize(identity, IndexFormat.Json).Replace("'", "''", StringComparison.Ordinal);
        await Execute(connection, $"COMMENT ON TABLE {Quoted(generation)} IS E'{comment.Replace(@"\", @"\\", StringComparison.Ordinal)}'", cancel);
        await transaction.CommitAsync(cancel);
        return true;
    });

    /// <inheritdoc/>
    public Task Add(GenerationName generation, IReadOnlyList<ServerPoint> points, CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlCommand command = Command(connection, $"""
            INSERT INTO {Quoted(generation)} (id, field, value, text, popularity, hash, embedding)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET field = EXCLUDED.field, value = EXCLUDED.value, text = EXCLUDED.text,
                popularity = EXCLUDED.popularity, hash = EXCLUDED.hash, embedding = EXCLUDED.embedding
            """,
            points.Select(p => p.Id).ToArray(), points.Select(p => p.Text.Field).ToArray(), points.Select(p => p.Text.Value).ToArray(), points.Select(p => p.Text.Text).ToArray(),
            points.Select(p => p.Text.Popularity).ToArray(), points.Select(p => RowId.Hex(p.Hash)).ToArray(), points.Select(p => new Vector(p.Vector)).ToArray());
        return await command.ExecuteNonQueryAsync(cancel);
    });

    /// <summary>Builds the indexes, after the rows are there, which is far faster than row by row.</summary>
    public Task Finish(GenerationName generation, CancellationToken cancel) => Within(async connection =>
    {
        string[] statements =
        [
            $"CREATE INDEX ON {Quoted(generation)} (field, popularity)",
            $"CREATE INDEX ON {Quoted(generation)} USING hnsw (embedding vector_cosine_ops)",
            $"ANALYZE {Quoted(generation)}",
        ];
        bool indexed = (await Identity(generation, cancel)).Dimension <= MaxIndexed;
        foreach (string statement in statements.Where(s => indexed || !s.Contains("hnsw", StringComparison.Ordinal)))
        {
            await using NpgsqlCommand command = Command(connection, statement);
            command.CommandTimeout = (int)Math.Ceiling(_config.IndexSeconds);
            await command.ExecuteNonQueryAsync(cancel);
        }
        return true;
    });

    /// <inheritdoc/>
    public Task<long> Count(GenerationName generation, CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlCommand command = Command(connection, $"SELECT count(*) FROM {Quoted(generation)}");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<ServerHit>> Nearest(GenerationName generation, float[] query, int k, bool exact, SearchFilter filter, CancellationToken cancel) => Within(async connection =>
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, exact ? "SET LOCAL enable_indexscan = off" : $"SET LOCAL hnsw.ef_search = {Math.Clamp(4 * k, 100, 1000)}", cancel);
        (string where, object[] filters) = Where(filter);
        // Without an own filter's index the approximate search goes on until it has k rows that pass.
        if (!exact && filters.Length > 0) await Execute(connection, "SET LOCAL hnsw.iterative_scan = strict_order", cancel);
        await using NpgsqlCommand command = Command(connection, $"""
            SELECT id, field, value, text, popularity, hash, 1 - (embedding <=> $1) FROM {Quoted(generation)} {where} ORDER BY embedding <=> $1 LIMIT {k}
            """, [new Vector(query), .. filters]);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var hits = new List<ServerHit>();
        while (await reader.ReadAsync(cancel))
            hits.Add(new ServerHit(reader.GetGuid(0), new ValueText(reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4)),
                Hash(generation, reader.GetString(5)), (float)reader.GetDouble(6)));
        return (IReadOnlyList<ServerHit>)hits;
    });

    /// <summary>Replaces the view in one transaction; a query that runs meanwhile reads the old table to its end.</summary>
    public Task Publish(GenerationName generation, CancellationToken cancel) => Within(async connection =>
    {
        if (_lock is { } held) await held.Check(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, $"CREATE OR REPLACE VIEW \"{_config.Name}\" AS SELECT id, field, value, text, popularity, hash, embedding FROM {Quoted(generation)}", cancel);
        await transaction.CommitAsync(cancel);
        return true;
    });

    /// <inheritdoc/>
    public Task Delete(GenerationName generation, CancellationToken cancel) => Within(connection => Execute(connection, $"DROP TABLE IF EXISTS {Quoted(generation)}", cancel));

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    async Task<T> Within<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync();
            return await work(connection);
        }
        catch (Exception problem) when (problem is NpgsqlException or SocketException) { throw Failed(problem); }
    }

    static (string Sql, object[] Parameters) Where(SearchFilter filter)
    {
        var (conditions, parameters) = (new List<string>(), new List<object>());
        void Add(string condition, object parameter)
        {
            parameters.Add(parameter);
            conditions.Add($"{condition}(${parameters.Count + 1})");
        }
        if (filter.Field is { } field) Add("field =", field);
        if (filter.Values is { } values) Add("value = ANY", values.ToArray());
        if (filter.MinPopularity > long.MinValue) Add("popularity >=", filter.MinPopularity);
        return (conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions), [.. parameters]);
    }

    InputException Failed(Exception problem) => new(Place, problem.Message.ReplaceLineEndings(" "));

    static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(connection, sql);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }

    /// <summary>Names hold lower-case letters, digits, '_' and '-' only (<see cref="GenerationName"/>).</summary>
    static string Quoted(GenerationName generation) => $"\"{generation.Name}\"";

    UInt128 Hash(GenerationName generation, string hex) => RowId.FromHex(hex) ?? throw new InputException(Place, $"hash in {generation.Name}", hex, "32 hexadecimal digits");
}
