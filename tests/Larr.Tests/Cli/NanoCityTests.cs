using System.Diagnostics;
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
        JsonNode result = JsonNode.Parse(output)!;
        double best = (double)result["best_possible_auc"]!;
        Assert.InRange(best, .7, .95);
        foreach (string name in new[] { "baseline", "+ alignment", "+ item and user text", "+ IAK" })
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

        (exit, _, error) = await Command.Run(["features", "--to", _folder.At("hail"), "--key", "request", "--query", "SELECT request, * EXCLUDE (request, weather), 'hail' AS weather FROM impressions LIMIT 100", .. nano]);
        Assert.True(exit == 0, error);
        Assert.Contains("weather: 100 rows have a value that the index has no vector for", error);

        await FeaturesSurviveKills(nano);

        (exit, output, error) = await Command.Run(["ablate", "--row", "scene as a gate", "--save", _folder.At("gate.json"), .. nano]);
        Assert.True(exit == 0, error);
        Assert.Contains("scene as a gate", output);
        Assert.Equal(await File.ReadAllTextAsync(_folder.At("runs/city-ablate.json"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(_folder.At("gate.json"), TestContext.Current.CancellationToken));

        (exit, output, error) = await Command.Run(["ablate", "--of", "adapt", "--row", "LoRA", .. nano, "--set", "adapt.minRows=100"]);
        Assert.True(exit == 0, error);
        Dictionary<(string, string), JsonNode> rows = JsonNode.Parse(output)!["rows"]!.AsArray().ToDictionary(r => ((string)r!["name"]!, (string)r["metric"]!), r => r!);
        Assert.Equal(0, (double)rows[("frozen", "trainable_parameters")]["mean"]!);
        Assert.True((double)rows[("LoRA", "trainable_parameters")]["mean"]! > 0);
        Assert.Null(rows[("LoRA", "trainable_parameters")]["p"]);
        Assert.NotNull(rows[("LoRA", "auc")]["p"]);
        Assert.Contains(("LoRA", "auc_within_domains"), rows.Keys);
    }

    /// <summary>SIGKILL at three random moments, each after a rerun of what the last one left: every part there is whole, and the end is as if nothing had been.</summary>
    async Task FeaturesSurviveKills(string[] nano)
    {
        string[] Features(string folder) => ["features", "--to", folder, "--key", "request", "--rows-per-part", "100", .. nano];
        string whole = _folder.At("whole"), killed = _folder.At("killed");
        (int exit, _, string error) = await Command.Run(Features(whole));
        Assert.True(exit == 0, error);
        Dictionary<string, byte[]> expected = Parts(whole);
        Assert.Equal(60, expected.Count);

        var random = new Random(4);
        for (int kill = 1; kill <= 3; kill++)
        {
            int parts = 16 * kill - random.Next(12);
            string[] command = ["exec", Path.Combine(AppContext.BaseDirectory, "Larr.Cli.dll"), .. Features(killed)];
            using Process larr = Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            larr.BeginOutputReadLine();
            larr.BeginErrorReadLine();
            while (!larr.HasExited && (!Directory.Exists(killed) || Directory.EnumerateFiles(killed, "part-*.parquet").Count() < parts)) await Task.Delay(1);
            larr.Kill();
            await larr.WaitForExitAsync();
            Dictionary<string, byte[]> left = Parts(killed);
            Assert.InRange(left.Count, parts, 60);
            foreach ((string name, byte[] bytes) in left) Assert.Equal(expected[name], bytes);
        }
        (exit, string output, error) = await Command.Run(Features(killed));
        Assert.True(exit == 0, error);
        Assert.Equal(6000, (int)JsonNode.Parse(output)!["rows"]!);
        Assert.Equal(expected, Parts(killed));
        Assert.Empty(Directory.GetFiles(killed, "*.partial"));
    }

    static Dictionary<string, byte[]> Parts(string folder) =>
        Directory.GetFiles(folder, "part-*.parquet").ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);

    public void Dispose() => _folder.Dispose();
}
