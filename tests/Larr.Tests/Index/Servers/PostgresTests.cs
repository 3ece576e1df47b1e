using Larr.Embed;
using Larr.Index;
using Larr.Index.Postgres;
using Larr.Index.Servers;
using Larr.Runs;
using Npgsql;

namespace Larr.Tests.Index.Servers;

/// <summary>Against a real PostgreSQL 18 with pgvector; skipped where it is not there. Each test has a view of its own.</summary>
public sealed class PostgresTests(PGlite database) : IClassFixture<PGlite>
{
    IndexConfig Config(string view)
    {
        if (database.Absent is { } reason) Assert.Skip(reason);
        return new IndexConfig { Backend = IndexBackend.Postgres, KeepGenerations = 2, Server = new ServerConfig { Url = database.Connection, Name = view, Batch = 7 } };
    }

    static Task<RefreshReport> Refresh(IndexConfig config, IIndexServer server, IReadOnlyList<ValueText> rows) =>
        ServerRefresh.Run(config, server, Rows.Identity, rows, Rows.Embed);

    [Fact]
    public async Task Refreshes_keep_vectors_switch_the_view_and_drop_old_tables()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        IndexConfig config = Config("refreshed");
        using var server = new PostgresServer(config.Server);
        ValueText[] rows = [.. Rows.Of(40), new ValueText("wörld", "it's \"quoted\" \\", "雨 ' ; --", 3)];
        RefreshReport first = await Refresh(config, server, rows);
        Assert.Equal((new IndexPlan(0, 0, 41, 0, 0), 1, true), (first.Plan, first.Generation, first.Published));
        Assert.True(first.Recall >= 0.85);
        await AssertHolds("refreshed", rows);
        Assert.Equal(Rows.Identity, await server.Identity((await server.Live(cancel))!, cancel));

        ValueText[] second = Rows.Changed(rows[3..], 4, "now");
        var embedded = new List<string>();
        RefreshReport report = await ServerRefresh.Run(config with { Canaries = 0 }, server, Rows.Identity, second, texts =>
        {
            embedded.AddRange(texts);
            return Rows.Embed(texts);
        }, cancel);
        Assert.Equal(new IndexPlan(34, 4, 0, 3, 0), report.Plan);
        Assert.Equal(4, embedded.Count);
        await AssertHolds("refreshed", second);
        Assert.False((await Refresh(config, server, second)).Published);

        await Refresh(config, server, rows);
        Assert.Equal([2, 3], (await server.List(cancel)).Select(g => g.Number).Order());
        Assert.Equal(41, (await ServerGates.Verify(server, await ServerGenerations.Existing(server, cancel), 0.8, cancel)).Rows);
        await ServerGenerations.Rollback(server, cancel);
        await AssertHolds("refreshed", second);
    }

    [Fact]
    public async Task Searches_give_what_a_slow_reference_gives()
    {
        IndexConfig config = Config("searched");
        using var server = new PostgresServer(config.Server);
        ValueText[] rows = Rows.Of(60);
        await Refresh(config, server, rows);
        GenerationName live = await ServerGenerations.Existing(server, TestContext.Current.CancellationToken);
        float[] query = Rows.Vector("anything");
        foreach (string? field in new[] { null, "meal" })
        {
            string[] expected = [.. rows.Where(r => field is null || r.Field == field).OrderByDescending(r => System.Numerics.Tensors.TensorPrimitives.Dot(Rows.Vector(r.Text), query)).Take(5).Select(r => r.Value)];
            Assert.Equal(expected, (await server.Nearest(live, query, 5, exact: true, new SearchFilter { Field = field }, TestContext.Current.CancellationToken)).Select(h => h.Text.Value));
        }
        Assert.Equal(5, (await server.Nearest(live, query, 5, exact: false, new SearchFilter { Field = "meal" }, TestContext.Current.CancellationToken)).Count);
        var filter = new SearchFilter { Field = "meal", Values = ["value 9", "value 30", "value 33", "value 31"], MinPopularity = 10 };
        Assert.Equal(["value 30", "value 33"], (await server.Nearest(live, query, 5, exact: true, filter, TestContext.Current.CancellationToken)).Select(h => h.Text.Value).Order());
    }

    [Fact]
    public async Task A_broken_run_leaves_the_view_and_a_rerun_completes()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        IndexConfig config = Config("broken");
        using var server = new PostgresServer(config.Server);
        ValueText[] first = Rows.Of(20), second = Rows.Changed(Rows.Of(30), 3, "now");
        await Refresh(config, server, first);

        GenerationName unfinished = GenerationName.New("broken", 2);
        await server.Create(unfinished, Rows.Identity, cancel);
        await server.Add(unfinished, [new ServerPoint(RowId.Of("a", "b"), new ValueText("a", "b", "c", 1), 1, Rows.Vector("c"))], cancel);
        await AssertHolds("broken", first);
        float[][] Wrong(IReadOnlyList<string> texts) => [.. texts.Select(_ => new float[3])];
        Assert.Equal("model", (await Assert.ThrowsAsync<IndexGateException>(() => ServerRefresh.Run(config, server, Rows.Identity, second, t => [.. t.Select(x => Rows.Vector("not " + x))], cancel))).Gate);
        await Assert.ThrowsAsync<InputException>(() => ServerRefresh.Run(config with { Canaries = 0 }, server, Rows.Identity, second, Wrong, cancel));
        await AssertHolds("broken", first);

        Assert.Equal(2, (await Refresh(config, server, second)).Generation);
        await AssertHolds("broken", second);
        Assert.Equal(2, (await server.List(cancel)).Count);
    }

    [Fact]
    public async Task Vectors_of_another_model_are_refused_with_both_identities_named()
    {
        IndexConfig config = Config("mixed");
        using var server = new PostgresServer(config.Server);
        await Refresh(config, server, Rows.Of(10));
        VectorIdentity other = Rows.Identity with { Template = "template-b" };
        string message = (await Assert.ThrowsAsync<InputException>(() => ServerRefresh.Run(config, server, other, Rows.Of(11), Rows.Embed, TestContext.Current.CancellationToken))).Message;
        Assert.Contains(Rows.Identity.ToString(), message);
        Assert.Contains(other.ToString(), message);
    }

    /// <summary>PGlite gives every client the same session, so that there the lock is taken, named and freed, but keeps nobody out; LARR_POSTGRES names a server of many sessions.</summary>
    [Fact]
    public async Task The_lock_of_a_refresh_is_named_and_freed()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        IndexConfig config = Config("locked");
        using var server = new PostgresServer(config.Server);
        Assert.Equal(0L, await Ask(database.Connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
        object? during = null;
        await ServerRefresh.Run(config, server, Rows.Identity, Rows.Of(5), texts =>
        {
            during = Ask(database.Connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").GetAwaiter().GetResult();
            return Rows.Embed(texts);
        }, cancel);
        Assert.Equal(1L, during);
        Assert.Equal(0L, await Ask(database.Connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
    }

    [Fact]
    public async Task A_second_writer_is_refused_with_the_first_ones_name_until_its_session_ends()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string? url = Environment.GetEnvironmentVariable("LARR_POSTGRES");
        if (url is null) Assert.Skip("LARR_POSTGRES does not name a PostgreSQL server; the one inside node gives every client the same session");
        var config = new ServerConfig { Url = url, Name = "two_writers" };
        using PostgresServer first = new(config), second = new(config), other = new(config with { Name = "another_index" });
        IAsyncDisposable held = await first.Lock(cancel);
        string refused = (await Assert.ThrowsAsync<InputException>(() => second.Lock(cancel))).Message;
        Assert.Contains($"in use by larr process {Environment.ProcessId} on {Environment.MachineName}", refused);
        Assert.Contains("server process ", refused);
        await (await other.Lock(cancel)).DisposeAsync();
        await held.DisposeAsync();
        await using (await second.Lock(cancel)) await Assert.ThrowsAsync<InputException>(() => first.Lock(cancel));

        // A writer whose session ends by itself does not publish.
        held = await first.Lock(cancel);
        Assert.Equal(true, await Ask(url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"));
        Assert.Contains("has ended", (await Assert.ThrowsAsync<InputException>(() => first.Publish(GenerationName.New("two_writers", 1), cancel))).Message);
        await using (await second.Lock(cancel)) await held.DisposeAsync();
    }

    static async Task<object?> Ask(string connection, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connection);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_clear_line()
    {
        var config = new ServerConfig { Url = "Host=127.0.0.1;Port=1;Username=u;Database=d;Password=secret" };
        using var server = new PostgresServer(config);
        string message = (await Assert.ThrowsAsync<InputException>(() => server.Live(TestContext.Current.CancellationToken))).Message;
        Assert.DoesNotContain("secret", message);
        Assert.DoesNotContain('\n', message);
    }

    async Task AssertHolds(string view, IReadOnlyCollection<ValueText> rows)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(database.Connection);
        await using NpgsqlCommand command = source.CreateCommand($"SELECT field, value, text, popularity, embedding::text FROM \"{view}\"");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<ValueText, string>();
        while (await reader.ReadAsync()) found.Add(new ValueText(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3)), reader.GetString(4));
        Assert.Equal(rows.ToHashSet(), found.Keys.ToHashSet());
        foreach ((ValueText row, string vector) in found)
            Assert.Equal(Rows.Vector(row.Text), vector.Trim('[', ']').Split(',').Select(float.Parse));
    }
}
