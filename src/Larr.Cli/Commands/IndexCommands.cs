using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Index;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Commands over the index of scene values.</summary>
static class IndexCommands
{
    public static Command Index()
    {
        var command = new Command("index", "The index of scene values: build, refresh, search, verify, stats, rollback, gc.");
        command.Subcommands.Add(Build());
        command.Subcommands.Add(RefreshCommand.Refresh());
        command.Subcommands.Add(SearchCommand.Search());
        command.Subcommands.Add(Verify());
        command.Subcommands.Add(Stats());
        command.Subcommands.Add(Rollback());
        command.Subcommands.Add(Collect());
        return command;
    }

    static Command Build() => CommonOptions.Over(
        new Command("build", "Builds the index stage of the experiment."),
        (session, _) =>
        {
            if (session.DryRun) session.PrintPlan([IndexPlace.Stage(session)]);
            else session.PrintReport("index", session.Build(IndexPlace.Stage(session)));
        });

    static Command Verify()
    {
        var place = new IndexPlace();
        return CommonOptions.Over(place.AddTo(new Command("verify", "Checks checksums, counts, rows, canary queries and recall of the live generation.")), (session, parsed) =>
        {
            if (ServerCommands.Verify(session, place.Server(session, parsed))) return;
            using Generation live = place.Open(session, parsed).OpenLive();
            double? recall = IndexVerify.Check(live, minRecall: session.Experiment.Index.MinRecall);
            session.Progress.End();
            if (session.Json) session.Print(new JsonObject { ["generation"] = live.Number, ["rows"] = live.Count, ["recall"] = recall });
            else session.Output.WriteLine($"generation {live.Number}: {live.Count:N0} rows, every checksum, row and canary query right{Recall(recall)}");
        });
    }

    static Command Stats()
    {
        var place = new IndexPlace();
        return CommonOptions.Over(place.AddTo(new Command("stats", "Counts, sizes, generations and identity of an index.")), (session, parsed) =>
        {
            if (ServerCommands.Stats(session, place.Server(session, parsed))) return;
            IndexStatistics statistics = IndexStatistics.Of(place.Open(session, parsed));
            session.Progress.End();
            JsonNode json = JsonSerializer.SerializeToNode(statistics, ConfigReader.Json)!;
            if (session.Json) session.Print(json);
            else session.Output.WriteLine(json.ToJsonString(ConfigReader.Json));
        });
    }

    static Command Rollback()
    {
        var place = new IndexPlace();
        return CommonOptions.Over(place.AddTo(new Command("rollback", "Makes the generation before the live one live again.")), (session, parsed) =>
        {
            if (ServerCommands.Rollback(session, place.Server(session, parsed))) return;
            IndexFolder folder = place.OpenRefreshed(session, parsed);
            int number = session.DryRun ? folder.Before() : RollBack(folder);
            if (session.Json) session.Print(new JsonObject { ["generation"] = number });
            else session.Output.WriteLine($"generation {number} {(session.DryRun ? "would be" : "is")} live");
        });
    }

    static Command Collect()
    {
        var place = new IndexPlace();
        var keep = new Option<int?>("--keep") { Description = "Generations that stay, the live one among them. Default: the experiment's." };
        Command command = place.AddTo(new Command("gc", "Deletes old generations, segments that none uses, and what dead writers left."));
        command.Options.Add(keep);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            int stay = parsed.GetValue(keep) ?? session.Experiment.Index.KeepGenerations;
            if (stay < 1) throw new InputException("--keep", "value", stay.ToString(), "a whole number of at least 1");
            if (ServerCommands.Collect(session, place.Server(session, parsed), stay)) return;
            IndexFolder folder = place.OpenRefreshed(session, parsed);
            IReadOnlyList<int> deleted = session.DryRun ? folder.Old(stay) : Collect(folder, stay);
            int[] kept = [.. folder.List().Except(deleted)];
            if (session.Json) session.Print(new JsonObject { ["deleted"] = new JsonArray([.. deleted.Select(d => (JsonNode)d)]), ["kept"] = new JsonArray([.. kept.Select(d => (JsonNode)d)]) });
            else session.Output.WriteLine(session.DryRun ? $"{deleted.Count} generations would be deleted; {kept.Length} would stay" : $"deleted {deleted.Count} generations; {kept.Length} stay");
        });
    }

    static int RollBack(IndexFolder folder)
    {
        using OwnedLock held = folder.Lock();
        return folder.Rollback(held);
    }

    static IReadOnlyList<int> Collect(IndexFolder folder, int keep)
    {
        using OwnedLock held = folder.Lock();
        return folder.Collect(held, keep);
    }

    public static string Recall(double? recall) => recall is { } share ? $", recall of the approximate search {share:F3}" : "";
}
