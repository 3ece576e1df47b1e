using Larr.Adapt;
using Larr.Ctr;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>The metrics of one cell of an ablation, by name: on test rows, and the validation AUC by which to choose. A metric that the data cannot give is absent.</summary>
/// <param name="Values">Metric → value.</param>
sealed record CellMetrics(IReadOnlyDictionary<string, double> Values)
{
    /// <summary>
    /// Clicked rows, and rows not clicked, that the AUC of a slice needs: with fewer its standard error can pass .05. Our own choice.
    /// </summary>
    public const int LeastOfEachClass = 30;

    /// <summary>The metrics in the order of a table.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auc", "gauc", "log_loss", "ctcvr_auc", "auc_cold_items", "auc_unclicked_items", "auc_cold_users", "validation_auc"];

    /// <summary>Reads the report of a CTR stage, or of the adaptation on top of one.</summary>
    public static CellMetrics Read(string folder, bool adapted)
    {
        if (!adapted)
        {
            CtrReport report = StageContext.ReadReport<CtrReport>(folder);
            return Of(report.Test, report.TestSlices, report.Validation.Auc);
        }
        AdaptReport adaptation = StageContext.ReadReport<AdaptReport>(folder);
        return Of(adaptation.Adapted, adaptation.TestSlices, validation: null);
    }

    static CellMetrics Of(CtrMetrics metrics, IReadOnlyList<CtrSlice>? slices, double? validation) => new(
        Names.Zip([metrics.Auc, metrics.Gauc, metrics.LogLoss, metrics.CtcvrAuc, Cold(slices, CtrSlices.ItemSeen), Cold(slices, CtrSlices.ItemClicked), Cold(slices, CtrSlices.UserSeen), validation])
            .Where(m => m.Second is not null)
            .ToDictionary(m => m.First, m => m.Second!.Value));

    // AUC of the rows whose item (or user) the training part has never seen, or seen clicked.
    static double? Cold(IReadOnlyList<CtrSlice>? slices, string by) =>
        slices?.FirstOrDefault(s => s.By == by && s.Value == CtrSlices.Never) is { } cold && Math.Min(cold.Clicks, cold.Rows - cold.Clicks) >= LeastOfEachClass
            ? cold.Auc : null;
}
