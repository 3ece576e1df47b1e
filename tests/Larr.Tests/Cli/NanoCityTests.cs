using System.Text.Json.Nodes;

namespace Larr.Tests.Cli;

/// <summary>The README's first command on a nano city: every stage does its real work once.</summary>
[Collection("torch")]
public sealed class NanoCityTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_whole_way_runs_once_and_then_from_its_artefacts()
    {
        string[] nano =
        [
            "--out", _folder.At("runs"), "--json", "--threads", "2",
            "--set", "simulate.impressions=6000", "--set", "simulate.users=60", "--set", "seeds=[1,2]",
            "--set", "pretrain.steps=2", "--set", "contrast.steps=3", "--set", "contrast.batch=8", "--set", "contrast.maxHeldOutPairs=50",
            "--set", "align.epochs=1", "--set", "ctr.epochs=2", "--set", "adapt.matchingEpochs=1", "--set", "adapt.compressionEpochs=1",
        ];
        (int exit, string output, string error) = await Command.Run(["run", .. nano]);
        Assert.True(exit == 0, error);
        JsonNode result = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
        double best = (double)result["best_possible_auc"]!;
        Assert.InRange(best, .7, .95);
        foreach (string name in new[] { "baseline", "+ alignment", "+ IAK" })
        {
            JsonNode auc = Assert.Single(result["rows"]!.AsArray(), r => (string)r!["name"]! == name && (string)r["metric"]! == "auc")!;
            Assert.InRange((double)auc["mean"]!, .4, best);
            Assert.Equal(2, auc["seeds"]!.AsArray().Count);
        }
        string page = await File.ReadAllTextAsync(_folder.At("runs/city-run.html"), TestContext.Current.CancellationToken);
        Assert.Contains("Nearest values", page);

        (exit, output, _) = await Command.Run(["plan", .. nano]);
        Assert.Equal(0, exit);
        Assert.DoesNotContain(JsonNode.Parse(output)!.AsArray(), s => (bool)s!["runs"]!);

        (exit, output, error) = await Command.Run(["index", "search", "the weather is light rain", "--field", "weather", "-k", "3", .. nano]);
        Assert.True(exit == 0, error);
        Assert.Equal(3, JsonNode.Parse(output)!.AsArray().Count);

        string features = _folder.At("features");
        (exit, output, error) = await Command.Run(["features", "--to", features, "--key", "request", "--rows-per-part", "2500", .. nano]);
        Assert.True(exit == 0, error);
        JsonNode report = JsonNode.Parse(output)!;
        Assert.Equal((6000, 3), ((int)report["rows"]!, (int)report["parts"]!));
        Assert.True((int)report["scenes"]! < 6000);
        Assert.Equal(3, Directory.GetFiles(features, "part-*.parquet").Length);
        foreach ((string option, string value) in new[] { ("--shard", "2/2"), ("--rows-per-part", "0"), ("--log", "impresions=x.parquet"), ("--key", "shopp") })
        {
            (exit, _, error) = await Command.Run(["features", "--to", _folder.At("refused"), option, value, .. nano]);
            Assert.Equal(2, exit);
            Assert.Contains(option, error);
        }

        (exit, output, error) = await Command.Run(["ablate", "--row", "scene as a gate", .. nano]);
        Assert.True(exit == 0, error);
        Assert.Contains("scene as a gate", output);
    }

    public void Dispose() => _folder.Dispose();
}
