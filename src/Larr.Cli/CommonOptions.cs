using System.CommandLine;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Cli;

/// <summary>The argument and options that every command over an experiment shares.</summary>
sealed class CommonOptions
{
    readonly Argument<string?> _file = new("experiment") { Arity = ArgumentArity.ZeroOrOne, Description = "Experiment file. Default: the simulated city." };
    readonly Option<string[]> _set = new("--set") { Description = "Overrides a key of the experiment file, such as ctr.epochs=3.", DefaultValueFactory = _ => [] };
    readonly Option<string> _out = new("--out") { Description = "Folder of the artefacts.", DefaultValueFactory = _ => "runs" };
    readonly Option<int?> _seed = new("--seed") { Description = "Overrides the experiment's seed." };
    readonly Option<int> _threads = new("--threads") { Description = "Threads of the tensor library.", DefaultValueFactory = _ => Environment.ProcessorCount };
    readonly Option<bool> _json = new("--json") { Description = "One JSON object as the last line of standard output." };
    readonly Option<bool> _dryRun = new("--dry-run") { Description = "Says what would run, and why, and runs nothing." };
    readonly Option<bool> _force = new("--force") { Description = "Runs stages even where their artefact exists." };

    /// <summary>Adds them to <paramref name="command"/>, whose action becomes <paramref name="action"/>.</summary>
    public static Command Over(Command command, Action<Session, ParseResult> action)
    {
        var common = new CommonOptions();
        common._file.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] option }]) result.AddError($"Unrecognized option '{option}'.");
        });
        command.Arguments.Add(common._file);
        foreach (Option option in new Option[] { common._set, common._out, common._seed, common._threads, common._json, common._dryRun, common._force })
            command.Options.Add(option);
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            Session session = common.Bind(parsed, cancel);
            try
            {
                action(session, parsed);
            }
            finally
            {
                session.Progress.End();
            }
            return 0;
        }, CancellationToken.None));
        return command;
    }

    Session Bind(ParseResult parsed, CancellationToken cancel)
    {
        int threads = parsed.GetValue(_threads);
        if (threads < 1) throw new InputException("--threads", "value", threads.ToString(), "a whole number of at least 1");
        TorchSharp.torch.set_num_threads(threads);
        List<string> settings = [.. parsed.GetValue(_set)!];
        if (parsed.GetValue(_seed) is { } seed) settings.Add($"seed={seed}");
        string command = CommandLine.Typed(parsed);
        return new Session
        {
            File = ExperimentFile.Load(parsed.GetValue(_file), settings),
            Store = new ArtifactStore(parsed.GetValue(_out)!, command, parsed.GetValue(_force)),
            Progress = ConsoleProgress.Of(parsed.InvocationConfiguration),
            Output = parsed.InvocationConfiguration.Output,
            Command = command,
            Json = parsed.GetValue(_json),
            DryRun = parsed.GetValue(_dryRun),
            Cancel = cancel,
        };
    }
}
