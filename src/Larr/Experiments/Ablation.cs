using Larr.Report;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>
/// Runs settings over seeds and folds and makes the result table: means, 95 % intervals, RelaImpr, and paired tests against
/// the baseline with Holm's correction over the table's rows.
/// </summary>
/// <param name="file">The experiment.</param>
/// <param name="store">Where the stages' artefacts are.</param>
public sealed class Ablation(ExperimentFile file, ArtifactStore store)
{
    readonly Experiment _experiment = file.Experiment;

    /// <summary>The folds that are tested: all of a k-fold split, one otherwise.</summary>
    public IReadOnlyList<int> Folds => TestedFolds.Of(_experiment);

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
        Dictionary<int, double?> bestPossible = [];
        int count = Folds.Count * _experiment.Seeds.Count * settings.Count;
        foreach (Cell cell in Cells(settings))
        {
            progress.Report(new StageProgress($"cell {cells.Count + 1} of {count}: {cell.Setting.Name}, seed {cell.Seed}{TestedFolds.Said(Folds, cell.Fold)}"));
            string folder = cell.Last.Build(store, progress, cancel);
            cells.Add((cell.Setting, cell.Fold, CellMetrics.Read(folder, cell.Setting.Adapted)));
            if (!bestPossible.ContainsKey(cell.Fold)) bestPossible[cell.Fold] = BestPossible.Auc(store.FolderOf(cell.Data.Key));
        }
        return new ResultFile
        {
            Command = command,
            Seeds = _experiment.Seeds,
            BestPossibleAuc = bestPossible.Values.Average(),
            Rows = PairedRows.Of(
                [.. settings.Select(s => s.Name)], CellMetrics.Names,
                (name, metric) => TestedFolds.Units(Folds, cells.Where(c => c.Setting.Name == name && c.Metrics.Values.ContainsKey(metric)).Select(c => (c.Fold, c.Metrics.Values[metric]))),
                Setting.BaselineName, _experiment.Seeds),
        };
    }
}

/// <summary>One cell of an ablation.</summary>
/// <param name="Setting">The row.</param>
/// <param name="Seed">Seed of the CTR model.</param>
/// <param name="Fold">Fold that is tested.</param>
/// <param name="Data">The impressions.</param>
/// <param name="Last">The stage that gives the cell's figures.</param>
public sealed record Cell(Setting Setting, int Seed, int Fold, StageNode Data, StageNode Last);
