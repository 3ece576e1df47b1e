using System.CommandLine;
using System.Text.Json.Nodes;
using Larr.Data;
using Larr.Experiments;
using Larr.Report;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Commands over a whole experiment: run, ablate, plan, status, report.</summary>
static class ExperimentCommands
{
    static readonly IReadOnlyList<Setting> s_run = [Setting.Baseline, Setting.Full, Setting.FullTexts, Setting.FullAdapted];

    public static Command Run()
    {
        Option<string?> save = Save();
        var command = new Command("run", "Runs the whole way and shows what scene embeddings and adaptation bring.") { save };
        return CommonOptions.Over(command, (session, parsed) => Table(session, s_run, "run", parsed.GetValue(save)));
    }

    public static Command Ablate()
    {
        var rows = new Option<string[]>("--row") { Description = "Only this row; may be given several times. The row that the others are tested against is always there.", DefaultValueFactory = _ => [] };
        var command = new Command("ablate", "Adds one ingredient after the other, over seeds and folds, with paired tests.");
        var of = new Option<AblationOf>("--of") { Description = "What is varied: scene (what of LARR is on), contrast (its pairs and ingredients), vectors (type and width of the stored ones), align (its weight, temperature and masks), adapt (IAK beside other ways of adaptation) or variants (what the experiment names under ablate.variants)." };
        Option<string?> save = Save();
        command.Options.Add(rows);
        command.Options.Add(of);
        command.Options.Add(save);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            AblationOf varied = parsed.GetValue(of);
            if (varied == AblationOf.Scene) Table(session, Chosen(session, parsed.GetValue(rows)!), "ablate", parsed.GetValue(save));
            else if (varied == AblationOf.Adapt && session.Experiment.Data.Fields.All(f => f.Role != FieldRole.Domain))
                throw new InputException(session.File.Path, "data.fields", "no field of the role domain", "one: '--of adapt' adapts the click model to its values");
            else Variants(session, varied, Variant.Choose(varied, session.File, parsed.GetValue(rows)!, "--row", "value"), parsed.GetValue(save));
        });
    }

    public static Command Plan() => CommonOptions.Over(
        new Command("plan", "Says which stages of a run would be computed, and why."),
        (session, _) => session.PrintPlan(new Ablation(session.File, session.Store).Cells(Setting.Possible(s_run, session.Experiment)).Select(c => c.Last)));

    public static Command Status() => CommonOptions.Over(
        new Command("status", "Lists the artefacts that are there, with their stage, seed and duration."),
        (session, _) =>
        {
            IEnumerable<Manifest> manifests = !Directory.Exists(session.Store.Root) ? [] : Directory.EnumerateDirectories(session.Store.Root)
                .Select(Manifest.Read).OfType<Manifest>().OrderBy(m => m.Finished);
            foreach (Manifest m in manifests)
            {
                if (session.Json) session.Print(new JsonObject { ["stage"] = m.Stage, ["key"] = m.Key, ["seed"] = m.Seed, ["seconds"] = m.Seconds, ["bytes"] = m.Files.Sum(f => f.Bytes) });
                else session.Output.WriteLine($"{m.Stage,-10} {m.Key[..16]}  seed {m.Seed,-4} {m.Seconds,8:F1} s {m.Files.Sum(f => f.Bytes),14:N0} bytes  {m.Finished:yyyy-MM-dd HH:mm}");
            }
        });

    public static Command Report()
    {
        var ablate = new Option<bool>("--ablate") { Description = "Reports the ablation rather than the run." };
        var command = new Command("report", "Writes one HTML page with the table, the training curves and the map of scene values.");
        command.Options.Add(ablate);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            string name = parsed.GetValue(ablate) ? "ablate" : "run";
            string path = ResultPath(session, name);
            if (!File.Exists(path)) throw new InputException(path, $"there is no result yet; run larr {name} first");
            string page = Page(session, ResultFile.Read(path), name);
            if (session.Json) session.Print(new JsonObject { ["report"] = page });
        });
    }

    static void Table(Session session, IReadOnlyList<Setting> all, string name, string? save)
    {
        IReadOnlyList<Setting> settings = Setting.Possible(all, session.Experiment);
        var ablation = new Ablation(session.File, session.Store);
        if (session.DryRun)
        {
            session.PrintPlan(ablation.Cells(settings).Select(c => c.Last));
            return;
        }
        Show(session, ablation.Run(settings, session.Command, session.Progress, session.Cancel), name, save);
    }

    static void Variants(Session session, AblationOf of, IReadOnlyList<Variant> rows, string? save)
    {
        var ablation = new VariantAblation(session.File, session.Store, of, rows);
        if (session.DryRun) session.PrintPlan(ablation.Cells().Select(c => c.Last));
        else Show(session, ablation.Run(session.Command, session.Progress, session.Cancel), $"ablate-{of}".ToLowerInvariant(), save);
    }

    static void Show(Session session, ResultFile result, string name, string? save)
    {
        session.Progress.End();
        result.Write(ResultPath(session, name));
        if (save is not null) result.Write(save);
        if (!session.Json) ResultTable.Print(result, session.Output);
        Page(session, result, name);
        if (session.Json) session.Output.WriteLine(result.ToLine());
    }

    static Option<string?> Save() => new("--save") { Description = "Writes the result to this file as well; the one in --out is written over by the next run of the kind." };

    static IReadOnlyList<Setting> Chosen(Session session, string[] names) => names.Length > 0
        ? Setting.Choose(names, "--row", "value")
        : Setting.Choose(session.Experiment.Ablate.Rows, session.File.Path, "ablate.rows");

    /// <summary>Writes the page and returns its path.</summary>
    static string Page(Session session, ResultFile result, string name)
    {
        string path = Path.Combine(session.Store.Root, $"{session.Experiment.Name}-{name}.html");
        File.WriteAllText(path, ReportPage.Of(session.File, session.Store, result).ToHtml());
        if (!session.Json) session.Output.WriteLine($"Report: {path}");
        return path;
    }

    static string ResultPath(Session session, string name) => Path.Combine(session.Store.Root, $"{session.Experiment.Name}-{name}.json");
}
