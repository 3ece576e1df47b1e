using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Experiments;
using Larr.Model;
using Larr.Tests.Embed;
using Larr.Tests.Index;
using Larr.Tests.Index.Servers;

namespace Larr.Tests.Cli;

/// <summary>The commands over an index on a server: PostgreSQL with pgvector, skipped where it is not there, and Qdrant's protocol fake behind a port.</summary>
[Collection("torch")]
public sealed class ServerIndexCommandTests(PGlite database) : IClassFixture<PGlite>, IDisposable
{
    const string KeyVariable = "LARR_TEST_COMMAND_KEY";
    readonly TemporaryFolder _folder = new();

    string[] Postgres(string view)
    {
        if (database.Absent is { } reason) Assert.Skip(reason);
        return On("postgres", database.Connection, view);
    }

    static string[] On(string backend, string url, string name = "larr") =>
        ["--set", $"index.backend={backend}", "--set", $"index.server.url={url}", "--set", $"index.server.name={name}", "--set", "index.server.batch=7", "--set", "index.server.retries=0"];

    [Fact]
    public Task Every_command_does_its_work_on_PostgreSQL() => EveryCommand(Postgres("commands"), Postgres("texts"));

    [Fact]
    public async Task Every_command_does_its_work_on_Qdrant()
    {
        await using var server = new FakeQdrantPort(new FakeQdrant());
        await EveryCommand(On("qdrant", server.Url), On("qdrant", server.Url, "texts"));
    }

    async Task EveryCommand(string[] server, string[] texts)
    {
        string first = Write("first.parquet", Rows.Of(30)), second = Write("second.parquet", [.. Rows.Changed(Rows.Of(30), 2, "now")[1..], new ValueText("place", "park", "it is in the park", 4)]);
        Assert.Contains("no index here", await Bad([.. server, "index", "stats"]));
        Assert.Equal("unchanged 0, changed 0, new 30, deleted 0", (await Good([.. server, "index", "refresh", "--vectors", first, "--dry-run"])).Trim());
        Assert.Contains("no index here", await Bad([.. server, "index", "search", "--like", "weather=value 7"]));
        Assert.Equal(1, (int)(await Json([.. server, "index", "refresh", "--vectors", first]))["generation"]!);
        string refreshed = await Good([.. server, "index", "refresh", "--vectors", second]);
        Assert.StartsWith("unchanged 27, changed 2, new 1, deleted 1\ngeneration 2 is live, recall", refreshed);
        Assert.EndsWith("nothing to do: generation 2 stays live", (await Good([.. server, "index", "refresh", "--vectors", second])).Trim());

        await Search(server);
        JsonNode statistics = await Json([.. server, "index", "stats"]);
        Assert.Equal((2, 30, "model-a", 2), ((int)statistics["generation"]!, (int)statistics["rows"]!, (string)statistics["identity"]!["model"]!, statistics["generations"]!.AsArray().Count));
        Assert.StartsWith("generation 2: 30 rows, every canary query right", await Good([.. server, "index", "verify"]));
        Assert.Equal("generation 1 would be live", (await Good([.. server, "index", "rollback", "--dry-run"])).Trim());
        Assert.Equal("generation 1 is live", (await Good([.. server, "index", "rollback"])).Trim());
        Assert.Equal("value 29", (string)(await Json([.. server, "index", "search", "--vector", Vector("it is value 29")]))[0]!["value"]!);
        Assert.Contains("no generation before", await Bad([.. server, "index", "rollback"]));
        Assert.Equal("1 generations would be deleted; 1 would stay", (await Good([.. server, "index", "gc", "--keep", "1", "--dry-run"])).Trim());
        Assert.Equal("deleted 1 generations; 1 stay", (await Good([.. server, "index", "gc", "--keep", "1"])).Trim());

        VectorIdentity other = Rows.Identity with { Model = "model-b" };
        string error = await Bad([.. server, "index", "refresh", "--vectors", Write("other.parquet", Rows.Of(31), other)]);
        Assert.Contains(Rows.Identity.ToString(), error);
        Assert.Contains(other.ToString(), error);
        Assert.Equal(1, (int)(await Json([.. server, "index", "stats"]))["generation"]!);
        await SearchByText(server, texts);
    }

    static async Task Search(string[] server)
    {
        JsonNode found = await Json([.. server, "index", "search", "--vector", Vector("it is value 7"), "-k", "2"]);
        Assert.Equal("value 7", (string)found[0]!["value"]!);
        Assert.Equal(1, (float)found[0]!["cosine"]!, 1e-5f);
        JsonNode like = await Json([.. server, "index", "search", "--like", "weather=value 7", "-k", "3", "--approximate"]);
        Assert.Equal((string)found[1]!["value"]!, (string)like[0]!["value"]!);
        Assert.Equal(3, like.AsArray().Count);
        Assert.All(like.AsArray(), n => Assert.NotEqual("value 7", (string)n!["value"]!));
        JsonArray filtered = (await Json([.. server, "index", "search", "--like", "weather=value 7", "--field", "meal", "--min-popularity", "10"])).AsArray();
        Assert.Equal(["value 12", "value 15", "value 18", "value 21", "value 24", "value 27"], filtered.Select(n => (string)n!["value"]!).Order());
        Assert.Equal(await Good([.. server, "index", "search", "--like", "weather=value 8"]), await Good([.. server, "index", "search", "--like", "weather=value 8", "--approximate"]));
        foreach ((string[] wrong, string mention) in new[]
        {
            (new[] { "--vector", "1,2" }, "2 components"), (["--like", "weather=none"], "weather=none"), (["--like", "none"], "field=value"),
            ([], "one of a text, --like and --vector"), (["--like", "weather=value 7", "--field", "colour"], "colour"),
        })
            Assert.Contains(mention, await Bad([.. server, "index", "search", .. wrong]));
    }

    /// <summary>A text finds itself in an index of the same embedder, and is refused by one of another.</summary>
    async Task SearchByText(string[] server, string[] texts)
    {
        string folder = _folder.At("encoder");
        using (TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16)) encoder.Save(folder, SmallEncoder.Tokenizer());
        ValueText[] rows = [new("weather", "sunny", "sunny", 1), new("weather", "light rain", "light rain", 2), new("weather", "sleet", "sleet", 3)];
        using (PackedEmbedder embedder = PackedEmbedder.Load(folder, ExperimentFile.Load(null, []).Experiment.Embed))
            new VectorFile(embedder.Identity("any"), rows, embedder.Embed([.. rows.Select(r => r.Text)]).Vectors).Write(_folder.At("texts.parquet"));
        await Good([.. texts, "index", "refresh", "--vectors", _folder.At("texts.parquet")]);
        JsonNode found = await Json([.. texts, "index", "search", "light rain", "--encoder", folder, "-k", "1"]);
        Assert.Equal("light rain", (string)Assert.Single(found.AsArray())!["value"]!);
        Assert.Contains(Rows.Identity.ToString(), await Bad([.. server, "index", "search", "light rain", "--encoder", folder]));
    }

    [Theory]
    [InlineData("stats"), InlineData("verify"), InlineData("rollback"), InlineData("gc"), InlineData("search"), InlineData("refresh")]
    public async Task A_server_that_is_not_there_is_one_line(string command)
    {
        string[] more = command switch { "search" => ["--like", "weather=value 7"], "refresh" => ["--vectors", Write("rows.parquet", Rows.Of(5))], _ => [] };
        Assert.Contains("127.0.0.1:1", await Bad([.. On("qdrant", "http://127.0.0.1:1"), "index", command, .. more]));
        Assert.Contains("127.0.0.1:1", await Bad([.. On("postgres", "Host=127.0.0.1;Port=1;Username=u;Database=d"), "index", command, .. more]));
    }

    [Fact]
    public async Task Wrong_addresses_and_keys_are_one_line_without_the_key()
    {
        Assert.Contains("nowhere.invalid", await Bad([.. On("postgres", "Host=nowhere.invalid;Username=u;Database=d;Password=secret"), "index", "stats"]));
        Assert.Contains("nowhere.invalid", await Bad([.. On("qdrant", "http://nowhere.invalid:6333"), "index", "stats"]));
        Assert.Contains("connection string", await Bad([.. On("postgres", "http://localhost:6333"), "index", "stats"]));
        Assert.Contains("connection string", await Bad([.. On("postgres", "Username=u;Database=d;Password=secret"), "index", "stats"]));
        Assert.Contains("http or https", await Bad([.. On("qdrant", "Host=127.0.0.1"), "index", "stats"]));
        await using var server = new FakeQdrantPort(new FakeQdrant { Key = "right" });
        string[] qdrant = On("qdrant", server.Url), keyed = [.. qdrant, "--set", "index.server.keyVariable=" + KeyVariable];
        Assert.Contains("answers 401", await Bad([.. qdrant, "index", "stats"]));
        Assert.Contains(KeyVariable, await Bad([.. keyed, "index", "stats"]));
        Environment.SetEnvironmentVariable(KeyVariable, "secret");
        Assert.Contains("answers 401", await Bad([.. keyed, "index", "search", "--like", "weather=value 7"]));
        Environment.SetEnvironmentVariable(KeyVariable, "right");
        Assert.True((bool)(await Json([.. keyed, "index", "refresh", "--vectors", Write("rows.parquet", Rows.Of(5))]))["published"]!);
    }

    string Write(string name, ValueText[] rows, VectorIdentity? identity = null)
    {
        new VectorFile(identity ?? Rows.Identity, rows, [.. rows.Select(r => Rows.Vector(r.Text))]).Write(_folder.At(name));
        return _folder.At(name);
    }

    static string Vector(string text) => string.Join(',', Rows.Vector(text));

    static async Task<JsonNode> Json(params string[] arguments) => JsonNode.Parse(await Good([.. arguments, "--json"]))!;

    static async Task<string> Good(params string[] arguments)
    {
        (int exit, string output, string error) = await Run(arguments);
        Assert.True(exit == 0, error);
        return output;
    }

    /// <summary>The one line of a command that ends with exit code 2.</summary>
    static async Task<string> Bad(params string[] arguments)
    {
        (int exit, _, string error) = await Run(arguments);
        Assert.True(exit == 2, $"{exit}: {error}");
        Assert.DoesNotContain("secret", error);
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Settings come after the names of the commands.</summary>
    static Task<(int Exit, string Output, string Error)> Run(string[] arguments)
    {
        int command = Array.IndexOf(arguments, "index");
        return Command.Run([.. arguments[command..(command + 2)], .. arguments[..command], .. arguments[(command + 2)..]]);
    }

    public void Dispose() => _folder.Dispose();
}
