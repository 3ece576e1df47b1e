using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Larr.Runs;
using Npgsql;

namespace Larr.Index.Postgres;

/// <summary>
/// The right to write an index in PostgreSQL: an advisory lock of a session of its own, named after its holder. The server frees it when the session ends, so a
/// writer that was killed leaves nothing behind. It needs a real session: a pooler in between must not share sessions among clients.
/// </summary>
sealed class WriterLock : IAsyncDisposable
{
    readonly NpgsqlConnection _session;
    readonly long _key;
    readonly string _place;
    bool _freed;

    WriterLock(NpgsqlConnection session, long key, string place) => (_session, _key, _place) = (session, key, place);

    /// <summary>Takes the lock of an index.</summary>
    /// <param name="connectionString">Where the index is.</param>
    /// <param name="name">Name of its view.</param>
    /// <param name="place">Server and name, for messages.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="InputException">Another session holds it; the message names it.</exception>
    public static async Task<WriterLock> Take(string connectionString, string name, string place, CancellationToken cancel)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Not pooled: closing it ends the session. The server keeps 63 bytes of the name.
            Pooling = false,
            KeepAlive = 30,
            ApplicationName = string.Create(CultureInfo.InvariantCulture, $"larr process {Environment.ProcessId} on {Environment.MachineName}"),
        };
        var session = new NpgsqlConnection(own.ConnectionString);
        try
        {
            await session.OpenAsync(cancel);
            string schema = (string?)await Ask(session, "SELECT current_schema()::text", null, cancel)
                ?? throw new InputException(place, "schema", "none that exists", "a schema in the search path, in which the index lies");
            // Locks are per database; the key tells indexes in it apart.
            long key = unchecked((long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"larr index {schema}.{name}")));
            if ((bool)(await Ask(session, "SELECT pg_try_advisory_lock($1)", key, cancel))!) return new WriterLock(session, key, place);
            string owner = (string?)await Ask(session, Owner, key, cancel) ?? "another session, which has just ended";
            throw new InputException(place, $"in use by {owner}; wait for it to end");
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who holds a key. A key of 64 bits stands in two halves in the table of locks, with the mark 1.</summary>
    const string Owner = """
        SELECT concat(coalesce(nullif(a.application_name, ''), 'a session without a name'), ', server process ', l.pid, coalesce(', client ' || host(a.client_addr), ''))
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = (($1::bigint >> 32) & 4294967295)::oid AND l.objid = ($1::bigint & 4294967295)::oid
        """;

    /// <summary>Fails where the session ended before the lock was freed: another writer may have begun.</summary>
    public async Task Check(CancellationToken cancel)
    {
        if (_freed) return;
        try { await Ask(_session, "SELECT 1", null, cancel); }
        catch (Exception ended) when (ended is NpgsqlException or InvalidOperationException) { throw new InputException(_place, "the session that kept other writers out has ended; run the command again"); }
    }

    /// <summary>Frees the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_freed) return;
        _freed = true;
        try { await Ask(_session, "SELECT pg_advisory_unlock($1)", _key, CancellationToken.None); }
        catch (Exception ended) when (ended is NpgsqlException or InvalidOperationException) { } // the session has ended, and with it the lock
        await _session.DisposeAsync();
    }

    static async Task<object?> Ask(NpgsqlConnection session, string sql, object? parameter, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, session);
        if (parameter is not null) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync(cancel) is { } answer and not DBNull ? answer : null;
    }
}
