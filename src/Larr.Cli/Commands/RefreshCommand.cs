using System.CommandLine;
using System.Text.Json.Nodes;
using Larr.Data;
using Larr.Embed;
using Larr.Experiments;
using Larr.Index;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Brings an index up to date with an experiment's scene values, or with a file of vectors.</summary>
static class RefreshCommand
{
    public static Command Refresh()
    {
        var place = new IndexPlace();
        var encoder = new Option<string?>("--encoder") { Description = "Folder of the text embedder. Default: that of the experiment's contrast stage." };
        var vectors = new Option<string?>("--vectors") { Description = "Vector file (Parquet) that holds all wanted rows; no experiment is run." };
        Command command = place.AddTo(new Command("refresh", "Embeds what changed, reuses the other vectors, verifies the new generation and makes it live. --dry-run prints the plan only."));
        command.Options.Add(encoder);
        command.Options.Add(vectors);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            if (parsed.GetValue(vectors) is { } file)
            {
                if (!place.IsGiven(parsed)) throw new InputException("--vectors", "given without --index, the folder of the index to refresh");
                FromFile(session, place.Refreshed(session, parsed), file);
            }
            else FromExperiment(session, place.Refreshed(session, parsed), parsed.GetValue(encoder));
        });
    }

    static void FromFile(Session session, IndexFolder folder, string path)
    {
        VectorFile file = VectorFile.Read(path);
        var vectorOf = new Dictionary<string, float[]>();
        foreach ((ValueText row, float[] vector) in file.Rows.Zip(file.Vectors)) vectorOf.TryAdd(row.Text, vector);
        if (session.DryRun) PrintPlan(session, IndexRefresh.Plan(folder, file.Identity, file.Rows));
        else Print(session, IndexRefresh.Run(session.Experiment.Index, folder, file.Identity, file.Rows, texts => [.. texts.Select(t => vectorOf[t])]));
    }

    static void FromExperiment(Session session, IndexFolder folder, string? encoder)
    {
        Stages stages = IndexPlace.Stages(session);
        StageNode[] needed = encoder is null ? [stages.Data, stages.Contrast] : [stages.Data];
        if (session.DryRun && needed.Any(n => !session.Store.IsCurrent(n.Key)))
        {
            session.PrintPlan(needed);
            return;
        }
        using var table = ImpressionTable.Open(session.Build(stages.Data));
        using PackedEmbedder embedder = PackedEmbedder.Load(encoder ?? Path.Combine(session.Build(stages.Contrast), "encoder"), session.Experiment.Embed);
        IReadOnlyList<ValueText> rows = SceneTexts.Of(table);
        VectorIdentity identity = embedder.Identity(SceneTexts.TemplateHash(table.FindAll(FieldRole.Scene)));
        if (session.DryRun)
        {
            PrintPlan(session, IndexRefresh.Plan(folder, identity, rows));
            return;
        }
        Print(session, IndexRefresh.Run(session.Experiment.Index, folder, identity, rows, texts =>
        {
            void Report(double? share) => ((IProgress<StageProgress>)session.Progress).Report(new StageProgress($"embedding {texts.Count:N0} texts", share));
            Report(null);
            return embedder.Embed(texts, share => Report(share), session.Cancel).Vectors;
        }));
    }

    static void PrintPlan(Session session, IndexPlan plan)
    {
        session.Progress.End();
        if (session.Json) session.Print(Json(plan));
        else session.Output.WriteLine(plan);
    }

    static void Print(Session session, RefreshReport report)
    {
        session.Progress.End();
        if (session.Json)
        {
            session.Print(new JsonObject { ["plan"] = Json(report.Plan), ["generation"] = report.Generation, ["published"] = report.Published, ["recall"] = report.Recall });
            return;
        }
        session.Output.WriteLine(report.Plan);
        session.Output.WriteLine(report.Published ? $"generation {report.Generation} is live{IndexCommands.Recall(report.Recall)}" : $"nothing to do: generation {report.Generation} stays live");
    }

    static JsonObject Json(IndexPlan plan) => new()
    {
        ["unchanged"] = plan.Unchanged,
        ["changed"] = plan.Changed,
        ["new"] = plan.New,
        ["deleted"] = plan.Deleted,
        ["popularity"] = plan.Popularity,
    };
}
