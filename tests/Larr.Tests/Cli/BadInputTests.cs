using System.Text.Json.Nodes;
using Larr.Data;
using Larr.Model;
using Larr.Tests.Model;
using Larr.Tokens;

namespace Larr.Tests.Cli;

/// <summary>Bad input gives exit code 2 and one line that names the file, the place, the value and what was expected.</summary>
[Collection("torch")]
public sealed class BadInputTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_small_good_log_is_read()
    {
        (int exit, string output, string error) = await Data(_ => { });
        Assert.True(exit == 0, error);
        Assert.Equal(12, (int)JsonNode.Parse(output)!["report"]!["rows"]!);
    }

    [Fact]
    public async Task A_missing_experiment_file() => Refused(await Command.Run("run", _folder.At("none.json")), "none.json: no such file");

    [Fact]
    public async Task A_missing_source_file() =>
        Refused(await Data(e => e["data"]!["sources"]!["log"]!["path"] = "gone.csv"), "gone.csv", "no such file");

    [Fact]
    public async Task An_unknown_key_of_the_experiment() =>
        Refused(await Data(e => e["data"]!["sorces"] = 1), "data.sorces", "'sources' perhaps");

    [Fact]
    public async Task A_key_that_stands_twice_and_a_field_that_is_null()
    {
        Refused(await Command.Run("data", _folder.Write("twice.json", """{ "name": "a", "name": "b" }""")), "twice.json", "a key stands twice");
        Refused(await Data(e => e["data"]!["fields"]!.AsArray().Add(null)), "data.fields[4]", "null", "a value");
    }

    [Fact]
    public async Task Blanks_in_a_scene_value_are_nothing()
    {
        (int exit, _, string error) = await Data(_ => { }, Log.Replace("0,b,snow,5", "0,b,\"  \",5", StringComparison.Ordinal));
        Assert.True(exit == 0, error);
        Assert.Contains("unknown", StringFile.Read(Directory.EnumerateFiles(_folder.At("runs"), "weather.values", SearchOption.AllDirectories).Single()));
    }

    [Fact]
    public async Task An_unknown_column() =>
        Refused(await Data(e => e["data"]!["fields"]![2]!["name"] = "wether"), "wether", "weather");

    [Fact]
    public async Task A_label_that_is_neither_0_nor_1() => Refused(await Data(_ => { }, Log.Replace("\n1,a,rain", "\n2,a,rain")), "clicked", "2", "0 or 1");

    [Fact]
    public async Task An_empty_group() => Refused(await Data(_ => { }, Log.Replace("rain,3", "rain,")), "driver");

    [Fact]
    public async Task A_truth_that_is_not_a_number() =>
        Refused(await Data(e => e["data"]!["fields"]!.AsArray().Add(new JsonObject { ["name"] = "p", ["role"] = "truth" }),
            view: "SELECT *, CAST('NaN' AS FLOAT) AS p FROM log"), "p", "NaN");

    [Fact]
    public async Task A_template_without_a_place_for_the_value() =>
        Refused(await Data(e => e["data"]!["fields"]![2]!["template"] = "the weather"), "weather", "{value}");

    [Fact]
    public async Task An_empty_corpus()
    {
        Directory.CreateDirectory(_folder.At("text"));
        foreach (string blank in new[] { "", "\n  \n" })
        {
            _folder.Write("text/general.txt", blank);
            _folder.Write("text/held-out.txt", "a soup\n");
            Refused(await Command.Run("base", _folder.Write("train.json", "{}"), "--text", _folder.At("text"), "--out", _folder.At("runs")), "general.txt", "no document");
        }
    }

    [Fact]
    public async Task A_document_longer_than_the_context() => Refused(await Long(64), "documents.txt", "tokens", "at most 128");

    [Fact]
    public async Task Rows_longer_than_the_context() => Refused(await Long(129), "length", "129", "at most 128");

    /// <summary>Pre-trains a model that reads 128 tokens on a log in which one shop has a very long name.</summary>
    Task<(int Exit, string Output, string Error)> Long(int rowLength)
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, _folder.At("base"), TorchSharp.torch.ScalarType.Float32);
        string log = "clicked,shop,weather,driver\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i % 2},{(i % 5 == 0 && rowLength < 128 ? string.Join(' ', Enumerable.Repeat("noodles", 150)) : $"shop {i % 5}")},weather {i % 7},{i / 4}\n"));
        return Run("pretrain", e => e["pretrain"] = new JsonObject { ["steps"] = 1, ["length"] = rowLength }, log);
    }

    [Fact]
    public async Task A_file_of_vectors_that_is_missing_and_a_folder_that_is_no_index()
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, _folder.At("base"), TorchSharp.torch.ScalarType.Float32);
        Task<(int, string, string)> Plan(string path) => Run("ctr", e => e["data"]!["fields"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "picture",
            ["role"] = "embedding",
            ["vectors"] = new JsonObject { ["path"] = path },
        }), view: "SELECT *, shop AS picture FROM log", more: ["--dry-run"]);
        Refused(await Plan("gone.parquet"), "gone.parquet", "no such file or index", "data.fields.picture.vectors.path");
        Directory.CreateDirectory(_folder.At("no-index"));
        Refused(await Plan("no-index"), "no-index", "no live generation");
        _folder.Write("there.parquet", "");
        Assert.Equal(0, (await Plan("there.parquet")).Item1);
    }

    [Fact]
    public async Task A_checkpoint_that_is_cut_off()
    {
        string model = Path.Combine(Command.Repository, "models", "larr-base");
        Assert.SkipUnless(Directory.Exists(model), "models/larr-base is not there");
        Directory.CreateDirectory(_folder.At("base"));
        foreach (string file in Directory.GetFiles(model)) File.Copy(file, Path.Combine(_folder.At("base"), Path.GetFileName(file)));
        string weights = Path.Combine(_folder.At("base"), "model.safetensors");
        using (FileStream stream = File.OpenWrite(weights)) stream.SetLength(stream.Length - 1000);
        string log = "clicked,shop,weather,driver\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i % 2},shop {i % 97},weather {i % 7},{i / 4}\n"));
        Refused(await Run("pretrain", e => e["base"] = _folder.At("base"), log), "model.safetensors");
    }

    [Fact]
    public async Task An_unknown_command_or_option()
    {
        Refused(await Command.Run("runn"), "runn");
        Refused(await Command.Run("run", "--sett", "a=b"), "--sett");
    }

    const string Log = """
        clicked,shop,weather,driver
        1,a,rain,1
        0,b,rain,1
        1,a,sun,1
        0,b,sun,2
        1,a,rain,2
        0,b,snow,2
        1,a,rain,3
        0,b,rain,3
        1,a,sun,4
        0,b,sun,4
        1,a,snow,5
        0,b,snow,5

        """;

    Task<(int Exit, string Output, string Error)> Data(Action<JsonNode> change, string log = Log, string view = "SELECT * FROM log") =>
        Run("data", change, log, view);

    Task<(int Exit, string Output, string Error)> Run(string command, Action<JsonNode> change, string log = Log, string view = "SELECT * FROM log", params string[] more)
    {
        _folder.Write("log.csv", log);
        JsonNode experiment = JsonNode.Parse($$"""
            {
              "name": "small", "base": "base",
              "data": {
                "sources": { "log": { "path": "log.csv" } },
                "view": "{{view}}",
                "fields": [
                  { "name": "clicked", "role": "label" },
                  { "name": "shop", "role": "item" },
                  { "name": "weather", "role": "scene", "template": "the weather is {value}" },
                  { "name": "driver", "role": "group" }
                ],
                "split": { "kind": "group", "validation": 0.2, "test": 0.2 }
              }
            }
            """)!;
        change(experiment);
        return Command.Run([command, _folder.Write("larr.json", experiment.ToJsonString()), "--out", _folder.At("runs"), "--json", .. more]);
    }

    static void Refused((int Exit, string Output, string Error) run, params string[] mentions)
    {
        string[] lines = [.. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("larr: ", StringComparison.Ordinal))];
        Assert.True(run.Exit == 2, run.Error);
        string line = Assert.Single(lines);
        foreach (string mention in mentions) Assert.Contains(mention, line);
    }

    public void Dispose() => _folder.Dispose();
}
