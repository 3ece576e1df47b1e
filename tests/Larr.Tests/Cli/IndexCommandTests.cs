using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;
using Larr.Tests.Index;

namespace Larr.Tests.Cli;

/// <summary>The commands over an index folder, without an experiment.</summary>
[Collection("torch")]
public sealed class IndexCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Index => _folder.At("index");

    [Fact]
    public async Task Refresh_plans_builds_plans_the_change_and_makes_it()
    {
        string first = Write("first.parquet", Rows.Of(30)), second = Write("second.parquet", [.. Rows.Changed(Rows.Of(30), 2, "now")[1..], new ValueText("place", "park", "it is in the park", 4)]);
        JsonNode plan = await Json("index", "refresh", "--vectors", first, "--index", Index, "--dry-run");
        Assert.Equal("""{"unchanged":0,"changed":0,"new":30,"deleted":0,"popularity":0}""", plan.ToJsonString());
        Assert.False(Directory.Exists(Index));

        Assert.Equal(1, (int)(await Json("index", "refresh", "--vectors", first, "--index", Index))["generation"]!);
        Assert.Equal("unchanged 27, changed 2, new 1, deleted 1", (await Good("index", "refresh", "--vectors", second, "--index", Index, "--dry-run")).Trim());
        Assert.Equal("unchanged 27, changed 2, new 1, deleted 1\ngeneration 2 is live", (await Good("index", "refresh", "--vectors", second, "--index", Index)).Trim());
        Assert.EndsWith("nothing to do: generation 2 stays live", (await Good("index", "refresh", "--vectors", second, "--index", Index)).Trim());
        Assert.StartsWith("generation 2: 30 rows, every checksum", await Good("index", "verify", "--index", Index));
    }

    [Fact]
    public async Task Statistics_rollback_and_collection()
    {
        for (int n = 1; n <= 4; n++) Rows.Refresh(new IndexFolder(Index), Rows.Of(10 * n, said: $"round {n}"), new IndexConfig { KeepGenerations = 4 });
        JsonNode statistics = await Json("index", "stats", "--index", Index);
        Assert.Equal((4, 40, 14), ((int)statistics["live"]!, (int)statistics["rows"]!, (int)statistics["fields"]!["meal"]!));
        Assert.Equal("model-a", (string)statistics["identity"]!["model"]!);
        Assert.Equal(4, statistics["generations"]!.AsArray().Count);

        Assert.Equal("generation 3 would be live", (await Good("index", "rollback", "--index", Index, "--dry-run")).Trim());
        Assert.Equal("""{"deleted":[2,1],"kept":[3,4]}""", (await Json("index", "gc", "--keep", "2", "--index", Index, "--dry-run")).ToJsonString());
        Assert.Equal("4 1 2 3 4", $"{new IndexFolder(Index).LiveNumber} {string.Join(' ', new IndexFolder(Index).List())}"); // a dry run changed nothing

        Assert.Equal(3, (int)(await Json("index", "rollback", "--index", Index))["generation"]!);
        Assert.Equal("""{"deleted":[2,1],"kept":[3,4]}""", (await Json("index", "gc", "--keep", "2", "--index", Index)).ToJsonString());
        Assert.Equal(2, (await Command.Run("index", "gc", "--keep", "0", "--index", Index)).Exit);
        Assert.Contains("no generation before", (await Command.Run("index", "rollback", "--index", Index)).Error);
    }

    [Fact]
    public async Task Search_by_a_vector_and_by_a_value_of_the_index()
    {
        Rows.Refresh(new IndexFolder(Index), Rows.Of(50));
        JsonNode found = await Json("index", "search", "--index", Index, "--vector", string.Join(',', Rows.Vector("it is value 7")), "-k", "2");
        Assert.Equal("value 7", (string)found[0]!["value"]!);
        Assert.Equal(1, (float)found[0]!["cosine"]!, 1e-5f);
        JsonNode like = await Json("index", "search", "--index", Index, "--like", "weather=value 7", "-k", "3", "--approximate");
        Assert.Equal((string)found[1]!["value"]!, (string)like[0]!["value"]!);
        Assert.Equal(3, like.AsArray().Count);
        Assert.All(like.AsArray(), n => Assert.NotEqual("value 7", (string)n!["value"]!));
        Assert.All((await Json("index", "search", "--index", Index, "--like", "weather=value 7", "--field", "meal", "--min-popularity", "10")).AsArray(), n =>
            Assert.True((string)n!["field"]! == "meal" && int.Parse(((string)n["value"]!)[6..]) >= 10));

        foreach ((string[] wrong, string mention) in new[]
        {
            (new[] { "--vector", "1,2" }, "2 components"), (["--vector", "1,x"], "'x'"), (["--like", "weather=none"], "weather=none"), (["--like", "none"], "field=value"),
            ([], "one of a text, --like and --vector"), (["--like", "weather=value 7", "--field", "colour"], "one of meal, weather"),
        })
        {
            (int exit, _, string error) = await Command.Run(["index", "search", "--index", Index, .. wrong]);
            Assert.True(exit == 2 && error.Contains(mention) && error.Trim().Split('\n').Length == 1, error);
        }
    }

    [Theory]
    [InlineData("model")]
    [InlineData("template")]
    [InlineData("dimension")]
    public async Task Vectors_of_another_identity_are_refused_with_both_named(string part)
    {
        Rows.Refresh(new IndexFolder(Index), Rows.Of(5));
        VectorIdentity other = part switch
        {
            "model" => Rows.Identity with { Model = "model-b" },
            "template" => Rows.Identity with { Template = "template-b" },
            _ => Rows.Identity with { Dimension = 6 },
        };
        string file = Write("other.parquet", Rows.Of(6), other);
        foreach (string[] more in new[] { Array.Empty<string>(), ["--dry-run"] })
        {
            (int exit, _, string error) = await Command.Run(["index", "refresh", "--vectors", file, "--index", Index, .. more]);
            Assert.Equal(2, exit);
            Assert.Contains(Rows.Identity.ToString(), error);
            Assert.Contains(other.ToString(), error);
        }
        Assert.Equal(1, new IndexFolder(Index).LiveNumber);
    }

    [Fact]
    public async Task A_failing_gate_is_named_and_the_old_generation_stays_live()
    {
        Rows.Refresh(new IndexFolder(Index), Rows.Of(5));
        ValueText[] rows = Rows.Of(6);
        new VectorFile(Rows.Identity, rows, [.. rows.Select(r => Rows.Vector("another model's " + r.Text))]).Write(_folder.At("wrong.parquet"));
        (int exit, _, string error) = await Command.Run("index", "refresh", "--vectors", _folder.At("wrong.parquet"), "--index", Index);
        Assert.Equal(1, exit);
        Assert.StartsWith("larr: gate model failed: ", error);
        Assert.Equal(1, new IndexFolder(Index).LiveNumber);
    }

    [Fact]
    public async Task Two_vectors_for_one_text_are_refused_and_a_text_in_two_fields_with_one_vector_is_not()
    {
        ValueText[] rows = [new("home", "a", "it is rainy", 1), new("work", "b", "it is rainy", 1)];
        float[] one = Rows.Vector("one");
        new VectorFile(Rows.Identity, rows, [one, Rows.Vector("two")]).Write(_folder.At("two.parquet"));
        (int exit, _, string error) = await Command.Run("index", "refresh", "--vectors", _folder.At("two.parquet"), "--index", Index);
        Assert.Equal(2, exit);
        Assert.Contains("two.parquet: row 1: found another vector for \"it is rainy\" than row 0 has; expected one vector for each text", error);
        Assert.False(Directory.Exists(Index));

        new VectorFile(Rows.Identity, rows, [one, one]).Write(_folder.At("one.parquet"));
        Assert.EndsWith("generation 1 is live", (await Good("index", "refresh", "--vectors", _folder.At("one.parquet"), "--index", Index)).Trim());
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_is_one_line_that_names_the_path()
    {
        string file = Write("first.parquet", Rows.Of(3));
        File.WriteAllText(_folder.At("file"), "");
        (int exit, _, string error) = await Command.Run("index", "refresh", "--vectors", file, "--index", _folder.At("file/index"));
        Assert.Equal(1, exit);
        Assert.StartsWith("larr: ", error);
        Assert.Contains(_folder.At("file"), error);
        Assert.Single(error.Trim().Split('\n'));
        Assert.DoesNotContain("in use", error);
    }

    [Fact]
    public async Task Damage_and_absence_are_said_in_one_line()
    {
        (int exit, _, string error) = await Command.Run("index", "stats", "--index", _folder.At("none"));
        Assert.True(exit == 2 && error.Contains("there is no index here"), error);
        Rows.Refresh(new IndexFolder(Index), Rows.Of(5));
        byte[] bytes = File.ReadAllBytes(Path.Combine(Index, "segment-000001", "texts"));
        bytes[3] ^= 1;
        File.WriteAllBytes(Path.Combine(Index, "segment-000001", "texts"), bytes);
        (exit, _, error) = await Command.Run("index", "verify", "--index", Index);
        Assert.True(exit == 2 && error.Contains("texts: block 0 at byte 0: found checksum"), error);
        using OwnedLock held = new IndexFolder(Index).Lock();
        (exit, _, error) = await Command.Run("index", "rollback", "--index", Index);
        Assert.True(exit == 2 && error.Contains($"in use by process {Environment.ProcessId}"), error);
    }

    string Write(string name, ValueText[] rows, VectorIdentity? identity = null)
    {
        new VectorFile(identity ?? Rows.Identity, rows, [.. rows.Select(r => Rows.Vector(r.Text, (identity ?? Rows.Identity).Dimension))]).Write(_folder.At(name));
        return _folder.At(name);
    }

    static async Task<JsonNode> Json(params string[] arguments) => JsonNode.Parse(await Good([.. arguments, "--json"]))!;

    static async Task<string> Good(params string[] arguments)
    {
        (int exit, string output, string error) = await Command.Run(arguments);
        Assert.True(exit == 0, error);
        return output;
    }

    public void Dispose() => _folder.Dispose();
}
