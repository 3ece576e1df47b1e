using Larr.Data;

namespace Larr.Experiments;

/// <summary>
/// The folds that an ablation tests, and the units that its intervals and tests count: the fold where there are several (a fold's value is the mean over
/// its seeds, since seeds on the same test rows are not independent evidence about the data) and the seed where there is one.
/// </summary>
static class TestedFolds
{
    /// <summary>All folds of a k-fold split, one otherwise.</summary>
    public static IReadOnlyList<int> Of(Experiment experiment) => experiment.Data.Split is { Kind: SplitKind.GroupKFold } split ? [.. Enumerable.Range(0, split.Folds)] : [0];

    /// <summary>One value per fold, mean over its seeds, in the order in which the folds come first; or the values as they are where there is a single fold.</summary>
    public static double[] Units(IReadOnlyList<int> folds, IEnumerable<(int Fold, double Value)> values) =>
        folds.Count > 1 ? [.. values.GroupBy(v => v.Fold).Select(g => g.Average(v => v.Value))] : [.. values.Select(v => v.Value)];

    /// <summary>Says which fold a cell is of, where there are several.</summary>
    public static string Said(IReadOnlyList<int> folds, int fold) => folds.Count > 1 ? $", fold {fold}" : "";
}
