using System.CommandLine;
using Larr.Cli.Commands;
using Larr.Index;
using Larr.Runs;

namespace Larr.Cli;

/// <summary>
/// The command <c>larr</c>. Exit codes: 0 done; 2 the user's input is wrong (one line on standard error); 130 interrupted;
/// 1 anything else.
/// </summary>
public static class CommandLine
{
    /// <summary>Parses and runs <paramref name="args"/>.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        ParseResult parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // Of several complaints, the word that was not understood explains the others.
            string first = parsed.Errors.Select(e => e.Message).OrderByDescending(m => m.StartsWith("Unrecognized option", StringComparison.Ordinal))
                .ThenByDescending(m => m.StartsWith("Unrecognized", StringComparison.Ordinal)).First();
            await error.WriteLineAsync($"larr: {first}");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (InputException e)
        {
            await error.WriteLineAsync($"larr: {e.Message}");
            return 2;
        }
        catch (IndexGateException e)
        {
            await error.WriteLineAsync($"larr: {e.Message}");
            return 1;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not (FileNotFoundException or EndOfStreamException)))
        {
            // The disk is full, or a folder may not be written: the message names the path, a trace would say nothing more.
            await error.WriteLineAsync($"larr: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("larr: interrupted; the next run goes on from here");
            return 130;
        }
        catch (Exception e)
        {
            // Not the user's input: whoever reports it needs the whole trace. Left to the runtime it would end as an abort.
            await error.WriteLineAsync($"larr: {e}");
            return 1;
        }
    }

    /// <summary>What was typed, for manifests and results.</summary>
    public static string Typed(ParseResult parsed) => "larr " + string.Join(' ', parsed.Tokens.Select(t => Quoted(t.Value)));

    static string Quoted(string word) => word.Length > 0 && !word.Any(c => char.IsWhiteSpace(c) || c is '\'' or '"') ? word : $"'{word.Replace("'", "'\\''")}'";

    static RootCommand Root()
    {
        var root = new RootCommand("Turns a recommender's logs into scene embeddings that raise click-through prediction.");
        root.Subcommands.Add(ExperimentCommands.Run());
        root.Subcommands.Add(ExperimentCommands.Ablate());
        root.Subcommands.Add(ExperimentCommands.Plan());
        root.Subcommands.Add(ExperimentCommands.Status());
        root.Subcommands.Add(ExperimentCommands.Report());
        foreach (Command stage in StageCommands.All()) root.Subcommands.Add(stage);
        root.Subcommands.Add(IndexCommands.Index());
        root.Subcommands.Add(FeatureCommands.Features());
        root.Subcommands.Add(ImportCommands.Import());
        root.Subcommands.Add(GenerateCommands.Generate());
        root.Subcommands.Add(BaseModelCommands.Text());
        root.Subcommands.Add(BaseModelCommands.Base());
        root.Subcommands.Add(BaseModelCommands.Neighbours());
        root.Subcommands.Add(ExportCommands.Export());
        root.Subcommands.Add(MachineCommands.Schema());
        root.Subcommands.Add(MachineCommands.Doctor());
        root.Subcommands.Add(MachineCommands.Readme());
        return root;
    }
}
