using System.Text.Json;
using Larr.Adapt;
using Larr.Contrast;
using Larr.Report;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>
/// Runs variants of a stage over seeds and folds and makes the result table. Contrast is trained anew with each seed and judged by what it finds of the held-out
/// pairs, always of every kind; vectors, the alignment and an experiment's own variants are judged by the click model, whose seed varies; ways of adaptation by what they make of that model.
/// </summary>
/// <param name="file">The experiment.</param>
/// <param name="store">Where the stages' artefacts are.</param>
/// <param name="of">What is varied.</param>
/// <param name="variants">The rows, the one that the others are tested against among them.</param>
public sealed class VariantAblation(ExperimentFile file, ArtifactStore store, AblationOf of, IReadOnlyList<Variant> variants)
{
    /// <summary>Name of the row of the model before contrast: means of its hidden states.</summary>
    public const string Before = "before contrast";

    /// <summary>Metrics that say what a row costs: shown, not tested.</summary>
    static readonly string[] s_costs = ["trainable_parameters", "seconds"];

    const string Place = "ablate.variantsOf";

    readonly Experiment _experiment = file.Experiment;
    readonly IReadOnlyList<int> _folds = TestedFolds.Of(file.Experiment);

    /// <summary>The rows.</summary>
    public IReadOnlyList<Variant> Variants { get; } = variants;

    /// <summary>Every cell in the order in which <see cref="Run"/> builds them.</summary>
    public IEnumerable<(Variant Variant, int Seed, int Fold, StageNode Last)> Cells() =>
        from fold in _folds
        from seed in _experiment.Seeds
        from variant in Variants
        let changed = variant.Change(_experiment)
        let stages = new Stages(file with { Experiment = changed }, fold)
        select (variant, seed, fold, of switch
        {
            AblationOf.Contrast => stages.ContrastOf(seed),
            AblationOf.Variants => stages.Ctr(Judge(changed), seed),
            AblationOf.Vectors or AblationOf.Align => stages.Ctr(Setting.Whole(_experiment), seed),
            _ => stages.Adapt(Setting.Whole(_experiment), seed),
        });

    /// <summary>Builds what is missing and returns the table.</summary>
    public ResultFile Run(string command, IProgress<StageProgress> progress, CancellationToken cancel)
    {
        CheckThatTheyDiffer();
        List<(string Name, int Fold, string Metric, double Value)> values = [];
        int done = 0, count = _folds.Count * _experiment.Seeds.Count * Variants.Count;
        foreach ((Variant variant, int seed, int fold, StageNode last) in Cells())
        {
            progress.Report(new StageProgress($"cell {++done} of {count}: {variant.Name}, seed {seed}{TestedFolds.Said(_folds, fold)}"));
            string folder = last.Build(store, progress, cancel);
            IEnumerable<(string Name, string Metric, double Value)> figures = of switch
            {
                AblationOf.Contrast => Retrieval(StageContext.ReadReport<ContrastReport>(folder), variant),
                AblationOf.Vectors or AblationOf.Align or AblationOf.Variants => Clicks(folder, variant, adapted: false),
                _ => [.. Clicks(folder, variant, adapted: true), .. Adaptation(StageContext.ReadReport<AdaptReport>(folder), variant)],
            };
            values.AddRange(figures.Select(f => (f.Name, fold, f.Metric, f.Value)));
        }
        string[] names = [.. values.Select(v => v.Name).Distinct()], metrics = [.. values.Select(v => v.Metric).Distinct()];
        IReadOnlyList<ResultRow> Rows(IEnumerable<string> some, string baseline) => PairedRows.Of(
            names, [.. some], (name, metric) => TestedFolds.Units(_folds, values.Where(v => v.Name == name && v.Metric == metric).Select(v => (v.Fold, v.Value))), baseline, _experiment.Seeds);
        return new ResultFile
        {
            Command = command,
            Seeds = _experiment.Seeds,
            Rows =
            [
                .. Rows(metrics.Except(s_costs), Variant.BaselineOf(of).Name).Concat(Rows(metrics.Intersect(s_costs), baseline: "")).OrderBy(r => Array.IndexOf(names, r.Name)),
            ],
        };
    }

    /// <summary>Refuses variants of which the judging stage sees nothing: a row of the baseline's own figures would say "no difference".</summary>
    void CheckThatTheyDiffer()
    {
        if (of != AblationOf.Variants) return;
        var first = Cells().Take(Variants.Count).ToDictionary(c => c.Variant.Name, c => c.Last.Key.Hash);
        foreach (Variant variant in Variants)
            if (variant != Variant.Baseline && first[variant.Name] == first[Variant.Baseline.Name])
                throw new InputException(file.Path, "ablate.variants", $"'{variant.Name}'", "a setting that changes the model that the rows are judged by");
    }

    /// <summary>The click model that an experiment's own variants are judged by.</summary>
    Setting Judge(Experiment changed)
    {
        if (changed.Ablate.VariantsOf is not { } name) return Setting.Whole(changed);
        Setting setting = Setting.Choose([name], file.Path, Place)[^1];
        if (setting.Adapted || Setting.Possible([setting], changed).Count == 0) throw new InputException(file.Path, Place, $"'{name}'", "a row without adaptation that the data allow");
        return setting;
    }

    static IEnumerable<(string Name, string Metric, double Value)> Clicks(string folder, Variant variant, bool adapted) =>
        CellMetrics.Read(folder, adapted).Values.Select(m => (variant.Name, m.Key, m.Value));

    static IEnumerable<(string Name, string Metric, double Value)> Adaptation(AdaptReport report, Variant variant)
    {
        DomainReport[] domains = [.. report.Domains.Where(d => d.Adapted.Auc is not null)];
        if (domains.Length > 0) yield return (variant.Name, "auc_within_domains", domains.Sum(d => d.TestRows * d.Adapted.Auc!.Value) / domains.Sum(d => d.TestRows));
        yield return (variant.Name, s_costs[0], report.Parameters);
        yield return (variant.Name, s_costs[1], report.Seconds);
    }

    static IEnumerable<(string Name, string Metric, double Value)> Retrieval(ContrastReport report, Variant variant)
    {
        (string, string, double)[] Of(string name, ClickRanking clicks, Func<PairKindReport, RetrievalReport> found) =>
        [
            .. clicks.SceneAuc is { } scene ? [(name, "scene_click_auc", scene)] : (ReadOnlySpan<(string, string, double)>)[],
            .. clicks.UserAuc is { } user ? [(name, "user_click_auc", user)] : (ReadOnlySpan<(string, string, double)>)[],
            .. report.Kinds.Where(kind => kind.Value.After.Pairs > 0).SelectMany(kind => Figures(name, kind.Key, found(kind.Value))),
        ];
        return [.. variant == Variant.Baseline ? Of(Before, report.ClicksBefore, k => k.Before) : [], .. Of(variant.Name, report.ClicksAfter, k => k.After)];
    }

    static (string Name, string Metric, double Value)[] Figures(string name, string kind, RetrievalReport found)
    {
        string of = JsonNamingPolicy.SnakeCaseLower.ConvertName(kind);
        return [(name, of + "_recall_at_10", found.RecallAt10), (name, of + "_mrr", found.MeanReciprocalRank), (name, of + "_ndcg_at_10", found.NdcgAt10)];
    }
}
