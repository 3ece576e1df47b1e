using System.Diagnostics;
using Larr.Tests.Model;

namespace Larr.Tests.Cli;

/// <summary>The command <c>larr base</c> in a process of its own, which can be killed.</summary>
[Collection("torch")]
public sealed class BaseModelTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_killed_process_is_gone_on_with_to_the_same_bits()
    {
        Directory.CreateDirectory(_folder.At("text"));
        _folder.Write("text/general.txt", string.Join('\n', SmallModel.Texts));
        _folder.Write("text/held-out.txt", SmallModel.Texts[0] + "\n");
        string config = _folder.Write("train.json", """
            { "model": { "shape": { "vocabularySize": 300, "width": 32, "layers": 1, "heads": 2, "keyValueHeads": 1, "headWidth": 16, "feedForwardWidth": 32, "maxLength": 64 },
              "training": { "steps": 150, "batchTokens": 128, "microBatchTokens": 64, "length": 32, "checkpointSteps": 7, "logSteps": 1 } } }
            """);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        (int exit, string whole, string error) = await Command.Run("base", config, "--text", _folder.At("text"), "--out", _folder.At("whole"), "--threads", "1");
        Assert.True(exit == 0, error);

        using (Process first = Start(config))
        {
            while (!first.HasExited && !Checkpoints().Any()) await Task.Delay(1, cancel);
            first.Kill(entireProcessTree: true); // at whatever step it is
            await first.WaitForExitAsync(cancel);
        }
        using Process second = Start(config);
        string killed = await second.StandardOutput.ReadToEndAsync(cancel), complaints = await second.StandardError.ReadToEndAsync(cancel);
        await second.WaitForExitAsync(cancel);
        Assert.True(second.ExitCode == 0, complaints);
        Assert.Equal(Weights(whole), Weights(killed));
    }

    IEnumerable<string> Checkpoints() => Directory.Exists(_folder.At("killed"))
        ? Directory.EnumerateDirectories(_folder.At("killed"), "checkpoint-*", SearchOption.AllDirectories)
        : [];

    Process Start(string config)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Larr.Cli.dll"), "base", config, "--text", _folder.At("text"), "--out", _folder.At("killed"), "--threads", "1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        return Process.Start(start)!;
    }

    static byte[] Weights(string output) => File.ReadAllBytes(Path.Combine(output.TrimEnd().Split('\n')[^1], "model", "model.safetensors"));

    public void Dispose() => _folder.Dispose();
}
