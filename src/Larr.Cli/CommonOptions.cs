using System.CommandLine;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Cli;

/// <summary>Options that every command over an experiment shares.</summary>
sealed class CommonOptions
{
    readonly Argument<string?> _file = new("experiment") { Arity = ArgumentArity.ZeroOrOne, Description = "Experiment file. Default: the simulated city." };
    readonly Option<string[]> _set = new("--set") { Description = "Overrides a key of the experiment file: --set ctr.epochs=3", AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };
    readonly Option<string> _out = new("--out") { Description = "Folder of the artefacts.", DefaultValueFactory = _ => "runs" };
    readonly Option<int?> _seed = new("--seed") { Description = "Overrides the experiment's seed." };
    readonly Option<int> _threads = new("--threads") { Description = "Threads. Default: all cores.", DefaultValueFactory = _ => Environment.ProcessorCount };
    readonly Option<string> _device = new("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" };
    readonly Option<bool> _json = new("--json") { Description = "One JSON object as the last line of standard output." };
    readonly Option<bool> _dryRun = new("--dry-run") { Description = "Says what would run, and why, and runs nothing." };
    readonly Option<bool> _force = new("--force") { Description = "Runs stages even where their artefact exists." };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_file);
        foreach (Option option in new Option[] { _set, _out, _seed, _threads, _device, _json, _dryRun, _force }) command.Options.Add(option);
    }

    /// <summary>Binds the parsed values: reads the experiment and opens the artefact store.</summary>
    public Session Bind(ParseResult parsed, CancellationToken cancel)
    {
        int threads = parsed.GetValue(_threads);
        if (threads < 1) throw new InputException("--threads", "value", threads.ToString(), "a whole number of at least 1");
        string device = parsed.GetValue(_device)!;
        if (device is not ("cpu" or "cuda")) throw new InputException("--device", "value", device, "cpu or cuda");
        TorchSharp.torch.set_num_threads(threads);
        List<string> settings = [.. parsed.GetValue(_set)!];
        if (parsed.GetValue(_seed) is { } seed) settings.Add($"seed={seed}");
        string command = "larr " + string.Join(' ', parsed.Tokens.Select(t => t.Value));
        var output = parsed.InvocationConfiguration.Output;
        var error = parsed.InvocationConfiguration.Error;
        return new Session(
            ExperimentFile.Load(parsed.GetValue(_file), settings),
            new ArtifactStore(parsed.GetValue(_out)!, command, parsed.GetValue(_force)),
            new ConsoleProgress(error, error == Console.Error && !Console.IsErrorRedirected),
            output, command, parsed.GetValue(_json), parsed.GetValue(_dryRun), cancel);
    }
}

/// <summary>One command over one experiment: what was asked and where to write.</summary>
sealed record Session(
    ExperimentFile File, ArtifactStore Store, ConsoleProgress Progress, TextWriter Output, string Command, bool Json, bool DryRun, CancellationToken Cancel);
