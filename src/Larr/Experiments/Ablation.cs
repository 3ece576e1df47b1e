using Larr.Data;
using Larr.Report;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>
/// Runs settings over seeds and folds and makes the result table: means, 95 % intervals, RelaImpr, and paired tests against
/// the baseline with Holm's correction over the table's rows.
/// </summary>
/// <remarks>
/// The unit that intervals and tests count is the fold where there are several (a fold's value is the mean over its seeds, since
/// seeds on the same test rows are not independent evidence about the data) and the seed where there is one.
/// </remarks>
/// <param name="file">The experiment.</param>
/// <param name="store">Where the stages' artefacts are.</param>
public sealed class Ablation(ExperimentFile file, ArtifactStore store)
{
    readonly Experiment _experiment = file.Experiment;

    /// <summary>The folds that are tested: all of a k-fold split, one otherwise.</summary>
    public IReadOnlyList<int> Folds => _experiment.Data.Split is { Kind: SplitKind.GroupKFold } split ? [.. Enumerable.Range(0, split.Folds)] : [0];

    /// <summary>Every cell, in the order in which <see cref="Run"/> builds them.</summary>
    public IEnumerable<Cell> Cells(IReadOnlyList<Setting> settings) =>
        from fold in Folds
        let stages = new Stages(file, fold)
        from seed in _experiment.Seeds
        from setting in settings
        select new Cell(setting, seed, fold, stages.Data, setting.Adapted ? stages.Iak(setting, seed) : stages.Ctr(setting, seed));

    /// <summary>Builds what is missing and returns the table.</summary>
    public ResultFile Run(IReadOnlyList<Setting> settings, string command, IProgress<StageProgress> progress, CancellationToken cancel)
    {
        List<(Setting Setting, int Fold, CellMetrics Metrics)> cells = [];
        double? bestPossible = null;
        int count = Folds.Count * _experiment.Seeds.Count * settings.Count;
        foreach (Cell cell in Cells(settings))
        {
            progress.Report(new StageProgress($"cell {cells.Count + 1} of {count}: {cell.Setting.Name}, seed {cell.Seed}{(Folds.Count > 1 ? $", fold {cell.Fold}" : "")}"));
            string folder = cell.Last.Build(store, progress, cancel);
            cells.Add((cell.Setting, cell.Fold, CellMetrics.Read(folder, cell.Setting.Adapted)));
            if (cells.Count == 1) bestPossible = BestPossible.Auc(store.FolderOf(cell.Data.Key));
        }
        return new ResultFile
        {
            Command = command,
            Seeds = _experiment.Seeds,
            BestPossibleAuc = bestPossible,
            Rows = PairedRows.Of(
                [.. settings.Select(s => s.Name)], CellMetrics.Names,
                (name, metric) => Units([.. cells.Where(c => c.Setting.Name == name)], metric), Setting.BaselineName, _experiment.Seeds),
        };
    }

    /// <summary>One value per fold (mean over seeds), or one per seed where there is a single fold.</summary>
    double[] Units(List<(Setting Setting, int Fold, CellMetrics Metrics)> cells, string metric)
    {
        var values = cells.Where(c => c.Metrics.Values.ContainsKey(metric)).Select(c => (c.Fold, Value: c.Metrics.Values[metric]));
        return Folds.Count > 1 ? [.. values.GroupBy(v => v.Fold).Select(g => g.Average(v => v.Value))] : [.. values.Select(v => v.Value)];
    }
}

/// <summary>One cell of an ablation.</summary>
/// <param name="Setting">The row.</param>
/// <param name="Seed">Seed of the CTR model.</param>
/// <param name="Fold">Fold that is tested.</param>
/// <param name="Data">The impressions.</param>
/// <param name="Last">The stage that gives the cell's figures.</param>
public sealed record Cell(Setting Setting, int Seed, int Fold, StageNode Data, StageNode Last);
