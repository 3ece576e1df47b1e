using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Index;
using Larr.Index.Qdrant;
using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Tests.Index.Servers;

/// <summary>The whole refresh against a protocol fake, and every exchange against Qdrant's own API description.</summary>
public sealed class QdrantTests
{
    static readonly IndexConfig s_config = new()
    {
        Backend = IndexBackend.Qdrant,
        KeepGenerations = 2,
        Server = new ServerConfig { Url = "http://qdrant.test", Batch = 3, Retries = 2, RetryMilliseconds = 1, Quantise = true },
    };

    static readonly IndexConfig s_impatient = s_config with { Server = s_config.Server with { TimeoutSeconds = 0.1, Retries = 20 } };

    static QdrantServer Server(FakeQdrant fake, IndexConfig? config = null) => new((config ?? s_config).Server, fake);

    static Task<RefreshReport> Refresh(FakeQdrant fake, IReadOnlyList<ValueText> rows, IndexConfig? config = null) =>
        ServerRefresh.Run(config ?? s_config, Server(fake, config), Rows.Identity, rows, Rows.Embed);

    [Fact]
    public async Task Only_changed_and_new_texts_are_embedded_and_the_rest_is_carried_over()
    {
        var fake = new FakeQdrant();
        ValueText[] rows = Rows.Of(20);
        Assert.Equal(new RefreshReport(new IndexPlan(0, 0, 20, 0, 0), 1, true, 1.0), await Refresh(fake, rows));
        AssertHolds(fake, rows);

        ValueText[] wanted = [.. rows[2..], new ValueText("meal", "brunch", "it is brunch", 1)];
        wanted[0] = wanted[0] with { Text = "another text" };
        wanted[1] = wanted[1] with { Popularity = 99 };
        var plan = new IndexPlan(Unchanged: 17, Changed: 1, New: 1, Deleted: 2, Popularity: 1);
        using QdrantServer server = Server(fake);
        Assert.Equal(plan, await ServerRefresh.Plan(server, Rows.Identity, wanted, TestContext.Current.CancellationToken));
        var embedded = new List<string>();
        RefreshReport report = await ServerRefresh.Run(s_config with { Canaries = 0 }, server, Rows.Identity, wanted, texts =>
        {
            embedded.AddRange(texts);
            return Rows.Embed(texts);
        }, TestContext.Current.CancellationToken);
        Assert.Equal((plan, 2), (report.Plan, report.Generation));
        Assert.Equal(["another text", "it is brunch"], embedded.Order());
        AssertHolds(fake, wanted);
        Assert.False((await Refresh(fake, wanted)).Published);

        await Refresh(fake, rows);
        Assert.Equal([2, 3], (await server.List(TestContext.Current.CancellationToken)).Select(g => g.Number).Order());
        Assert.Equal((20L, 1.0), await ServerGates.Verify(server, await ServerGenerations.Existing(server, TestContext.Current.CancellationToken), 0.9, TestContext.Current.CancellationToken));
        Assert.Equal(2, (await ServerGenerations.Rollback(server, TestContext.Current.CancellationToken)).Number);
        AssertHolds(fake, wanted);
    }

    [Fact]
    public async Task Every_request_and_every_answer_keeps_to_the_API_description()
    {
        ApiDescription? description = ApiDescription.Load();
        if (description is null) Assert.Skip("Qdrant's API description is not in LARR_DATA");
        var fake = new FakeQdrant();
        await Refresh(fake, Rows.Of(20));
        await Refresh(fake, Rows.Of(22));
        await Refresh(fake, Rows.Of(23));
        using QdrantServer server = Server(fake);
        GenerationName live = await ServerGenerations.Existing(server, TestContext.Current.CancellationToken);
        Assert.All(await server.Nearest(live, Rows.Vector("t"), 5, exact: false, new SearchFilter { Field = "meal" }, TestContext.Current.CancellationToken), hit => Assert.Equal("meal", hit.Text.Field));
        var filter = new SearchFilter { Field = "meal", Values = ["value 9", "value 12", "value 15", "value 13"], MinPopularity = 10 };
        Assert.Equal(["value 12", "value 15"], (await server.Nearest(live, Rows.Vector("t"), 5, exact: true, filter, TestContext.Current.CancellationToken)).Select(h => h.Text.Value).Order());

        Assert.True(fake.Seen.Select(s => $"{s.Method} {s.Path.Replace(live.Name, "NAME")}").Distinct().Count() >= 10);
        foreach ((string method, string path, string query, string? body, string? answer) in fake.Seen)
        {
            Assert.Empty(description.Problems(method, path, query, body).Select(p => $"{method} {path}: {p}: {body}"));
            Assert.Empty(description.AnswerProblems(method, path, answer!).Select(p => $"{method} {path}: {p}: {answer}"));
        }
    }

    [Fact]
    public void The_description_finds_wrong_requests()
    {
        ApiDescription? description = ApiDescription.Load();
        if (description is null) Assert.Skip("Qdrant's API description is not in LARR_DATA");
        Assert.Empty(description.Problems("PUT", "/collections/a", "", """{"vectors":{"size":4,"distance":"Cosine"}}"""));
        Assert.NotEmpty(description.Problems("PUT", "/collections/a", "", """{"vectors":{"size":0,"distance":"Cosine"}}"""));
        Assert.NotEmpty(description.Problems("PUT", "/collections/a", "", """{"vectors":{"size":4,"distance":"cosine"}}"""));
        Assert.NotEmpty(description.Problems("PUT", "/collections/a", "", """{"vector":{"size":4,"distance":"Cosine"}}"""));
        Assert.NotEmpty(description.Problems("PUT", "/collections/a/points", "?wait=1", """{"points":[{"id":1,"vector":[1]}]}"""));
        Assert.NotEmpty(description.Problems("PUT", "/collections/a/points", "", """{"points":[{"id":"x","vector":[1]}]}"""));
        Assert.NotEmpty(description.Problems("POST", "/collections/a/search", "", "{}"));
        Assert.NotEmpty(description.Problems("POST", "/collections/aliases", "", null));
    }

    /// <summary>A fault in one request, at each place of a refresh in turn: it is tried again and the refresh completes.</summary>
    [Theory]
    [InlineData("TooMany"), InlineData("ServerError"), InlineData("ErrorAfterwards"), InlineData("PartialBatch"), InlineData("NeverAnswers"), InlineData("CutBefore"), InlineData("CutInAnswer")]
    public async Task One_fault_anywhere_is_survived(string fault)
    {
        int requests = await CountRequests();
        for (int at = 0; at < requests; at++)
        {
            FakeQdrant fake = await Filled();
            (int start, int place) = (fake.Requests, at);
            fake.Next = n => n - start == place ? Enum.Parse<Fault>(fault) : Fault.None;
            fake.AfterEach = AssertWhole;
            RefreshReport report = await Refresh(fake, s_second, fault == "NeverAnswers" ? s_impatient : s_config);
            Assert.Equal((2, true), (report.Generation, report.Published));
            AssertHolds(fake, s_second);
        }
    }

    /// <summary>The server fails for good from a request on, at each place in turn: readers see a whole generation, and a rerun completes.</summary>
    [Theory]
    [InlineData("TooMany"), InlineData("ServerError"), InlineData("ErrorAfterwards"), InlineData("PartialBatch"), InlineData("CutBefore"), InlineData("CutInAnswer")]
    public async Task A_lasting_fault_leaves_a_whole_generation_and_a_rerun_completes(string fault)
    {
        int requests = await CountRequests();
        for (int at = 0; at < requests; at++)
        {
            FakeQdrant fake = await Filled();
            int from = fake.Requests + at;
            fake.Next = n => n >= from ? Enum.Parse<Fault>(fault) : Fault.None;
            fake.AfterEach = AssertWhole;
            await Assert.ThrowsAsync<InputException>(() => Refresh(fake, s_second));
            fake.Next = _ => Fault.None;
            Assert.Equal(2, (await Refresh(fake, s_second)).Generation);
            AssertHolds(fake, s_second);
            Assert.Equal(2, fake.Collections.Count);
        }
    }

    [Fact]
    public async Task Random_faults_never_show_a_reader_half_a_generation()
    {
        var random = new Random(5);
        FakeQdrant fake = await Filled();
        fake.AfterEach = AssertWhole;
        fake.Next = _ => random.Next(5) == 0 ? (Fault)random.Next(1, 8) : Fault.None;
        for (int run = 0; run < 40; run++)
        {
            try { await Refresh(fake, run % 2 == 0 ? s_second : s_first, s_config with { Server = s_impatient.Server with { TimeoutSeconds = 0.03, Retries = 1 } }); }
            catch (InputException) { }
        }
        fake.Next = _ => Fault.None;
        await Refresh(fake, s_second);
        AssertHolds(fake, s_second);
    }

    [Fact]
    public async Task A_collection_that_lost_rows_or_finds_the_wrong_ones_does_not_go_live()
    {
        FakeQdrant fake = await Filled();
        string live = fake.Aliases["larr"];
        fake.AfterEach = f =>
        {
            foreach ((string name, FakeQdrant.Collection collection) in f.Collections)
                if (name != live && collection.Points.Count == s_second.Length) collection.Points.Remove(collection.Points.Keys.First());
        };
        Assert.Equal("count", (await Assert.ThrowsAsync<IndexGateException>(() => Refresh(fake, s_second))).Gate);
        Assert.Equal(live, fake.Aliases["larr"]);

        fake.AfterEach = f =>
        {
            foreach ((string name, FakeQdrant.Collection collection) in f.Collections)
                if (name != live) foreach (JsonNode point in collection.Points.Values) point["payload"]!["hash"] = new string('0', 32);
        };
        Assert.Equal("canary", (await Assert.ThrowsAsync<IndexGateException>(() => Refresh(fake, s_second))).Gate);
        Assert.Equal(live, fake.Aliases["larr"]);
    }

    [Fact]
    public async Task Vectors_of_another_model_are_refused_with_both_identities_named()
    {
        FakeQdrant fake = await Filled();
        VectorIdentity other = Rows.Identity with { Model = "model-b" };
        string message = (await Assert.ThrowsAsync<InputException>(() => ServerRefresh.Run(s_config, Server(fake), other, s_second, Rows.Embed, TestContext.Current.CancellationToken))).Message;
        Assert.Contains(Rows.Identity.ToString(), message);
        Assert.Contains(other.ToString(), message);
        Assert.Single(fake.Collections);
    }

    [Fact]
    public async Task The_key_comes_from_the_environment_and_is_never_shown()
    {
        const string Variable = "LARR_TEST_QDRANT_KEY";
        IndexConfig config = s_config with { Server = s_config.Server with { KeyVariable = Variable } };
        var fake = new FakeQdrant { Key = "secret-1" };
        Assert.Contains(Variable, Assert.Throws<InputException>(() => Server(fake, config)).Message);
        Environment.SetEnvironmentVariable(Variable, "secret-1");
        Assert.True((await Refresh(fake, s_first, config)).Published);
        Environment.SetEnvironmentVariable(Variable, "secret-2");
        string message = (await Assert.ThrowsAsync<InputException>(() => Refresh(fake, s_second, config))).Message;
        Assert.Contains("401", message);
        Assert.DoesNotContain("secret", message);
    }

    [Fact]
    public void A_row_has_a_UUID_of_version_8_made_of_its_field_and_value()
    {
        Guid id = RowId.Of("weather", "rain");
        Assert.Equal(id, RowId.Of("weather", "rain"));
        Assert.NotEqual(id, RowId.Of("weathe", "rrain"));
        Assert.Equal((8, 8), (id.Version, id.Variant & 0xc));
        Assert.Equal((UInt128)0xabc, RowId.FromHex(RowId.Hex(0xabc)));
        Assert.Null(GenerationName.Parse("larr", "larr-x-000001-00000000"));
        Assert.Equal(12, GenerationName.Parse("larr", GenerationName.New("larr", 12).Name)!.Number);
    }

    static readonly ValueText[] s_first = Rows.Of(5);
    static readonly ValueText[] s_second = Rows.Changed(Rows.Of(7), 2, "now");

    static async Task<FakeQdrant> Filled()
    {
        var fake = new FakeQdrant();
        await Refresh(fake, s_first);
        return fake;
    }

    static async Task<int> CountRequests()
    {
        FakeQdrant fake = await Filled();
        int before = fake.Requests;
        await Refresh(fake, s_second);
        return fake.Requests - before;
    }

    /// <summary>The alias is there and means the first rows or the second, every one of them.</summary>
    static void AssertWhole(FakeQdrant fake)
    {
        FakeQdrant.Collection live = fake.Collections[fake.Aliases["larr"]];
        Assert.Contains(live.Points.Count, new[] { s_first.Length, s_second.Length });
        AssertHolds(fake, live.Points.Count == s_first.Length ? s_first : s_second);
    }

    static void AssertHolds(FakeQdrant fake, ValueText[] rows)
    {
        FakeQdrant.Collection live = fake.Collections[fake.Aliases["larr"]];
        Assert.Equal(rows.Length, live.Points.Count);
        foreach (ValueText row in rows)
        {
            JsonNode point = live.Points[RowId.Of(row.Field, row.Value).ToString()];
            Assert.Equal(row, new ValueText((string)point["payload"]!["field"]!, (string)point["payload"]!["value"]!, (string)point["payload"]!["text"]!, (long)point["payload"]!["popularity"]!));
            Assert.Equal(Rows.Vector(row.Text), FakeQdrant.Floats(point["vector"]!));
        }
    }
}
