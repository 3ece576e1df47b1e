using System.CommandLine;
using System.Text.Json.Nodes;
using Larr.Data;
using Larr.Embed;
using Larr.Experiments;
using Larr.Index;
using Larr.Index.Servers;
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
            using IIndexServer? server = place.Server(session, parsed);
            if (parsed.GetValue(vectors) is { } file)
            {
                if (parsed.GetValue(encoder) is not null) throw new InputException("--encoder", "value", $"'{parsed.GetValue(encoder)}'", "nothing beside --vectors, which are made already");
                if (!place.IsGiven(parsed) && !place.IsServer(session, parsed)) throw new InputException("--vectors", "given without --index, the folder of the index to refresh");
                FromFile(session, server, place.Refreshed(session, parsed), file);
            }
            else FromExperiment(session, server, place.Refreshed(session, parsed), parsed.GetValue(encoder));
        });
    }

    static void FromFile(Session session, IIndexServer? server, IndexFolder folder, string path)
    {
        VectorFile file = VectorFile.Read(path);
        Dictionary<string, float[]> vectorOf = OfTexts(path, file);
        if (session.DryRun) PrintPlan(session, Plan(session, server, folder, file.Identity, file.Rows));
        else Print(session, Run(session, server, folder, file.Identity, file.Rows, texts => [.. texts.Select(t => vectorOf[t])]));
    }

    /// <summary>The vector of each text; a text is embedded once, so it cannot have two.</summary>
    static Dictionary<string, float[]> OfTexts(string path, VectorFile file)
    {
        var rowOf = new Dictionary<string, int>();
        for (int row = 0; row < file.Rows.Count; row++)
        {
            string text = file.Rows[row].Text;
            if (!rowOf.TryAdd(text, row) && !file.Vectors[rowOf[text]].AsSpan().SequenceEqual(file.Vectors[row]))
                throw new InputException(path, $"row {row}", $"another vector for \"{InputException.Excerpt(text)}\" than row {rowOf[text]} has", "one vector for each text");
        }
        return rowOf.ToDictionary(r => r.Key, r => file.Vectors[r.Value]);
    }

    static void FromExperiment(Session session, IIndexServer? server, IndexFolder folder, string? encoder)
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
            PrintPlan(session, Plan(session, server, folder, identity, rows));
            return;
        }
        Print(session, Run(session, server, folder, identity, rows, texts =>
        {
            void Report(double? share) => ((IProgress<StageProgress>)session.Progress).Report(new StageProgress($"embedding {texts.Count:N0} texts", share));
            Report(null);
            return embedder.Embed(texts, share => Report(share), session.Cancel).Vectors;
        }));
    }

    static IndexPlan Plan(Session session, IIndexServer? server, IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> rows) =>
        server is null ? IndexRefresh.Plan(folder, identity, rows) : ServerRefresh.Plan(server, identity, rows, session.Cancel).GetAwaiter().GetResult();

    static RefreshReport Run(Session session, IIndexServer? server, IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> rows, Func<IReadOnlyList<string>, float[][]> embed) =>
        server is null ? IndexRefresh.Run(session.Experiment.Index, folder, identity, rows, embed)
            : ServerRefresh.Run(session.Experiment.Index, server, identity, rows, embed, session.Cancel).GetAwaiter().GetResult();

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
