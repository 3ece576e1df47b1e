using System.Text.Json;
using Larr.Data;
using Larr.Runs;
using Larr.Stats;

namespace Larr.Ctr;

/// <summary>How well some rows were predicted; null where a figure does not exist (one class, no group, no conversions, no rows).</summary>
/// <param name="Auc">AUC of clicks.</param>
/// <param name="Gauc">AUC of clicks within the group field's groups, weighted by size.</param>
/// <param name="LogLoss">Mean log loss of clicks, nats.</param>
/// <param name="CtcvrAuc">AUC of conversions over all impressions.</param>
/// <param name="Ndcg">nDCG@10 of clicks within the group field's groups.</param>
/// <param name="Calibration">Calibration of the click probabilities.</param>
/// <param name="OneClassGroups">Groups without a click or with clicks alone, which <paramref name="Gauc"/> leaves out.</param>
public sealed record CtrMetrics(double? Auc, double? Gauc, double? LogLoss, double? CtcvrAuc, double? Ndcg = null, Calibration? Calibration = null, int? OneClassGroups = null)
{
    const int NdcgDepth = 10;

    /// <summary>The metrics of <paramref name="rows"/> of <paramref name="table"/>.</summary>
    public static CtrMetrics Of(ImpressionTable table, ReadOnlySpan<int> rows, CtrPredictions predictions)
    {
        if (rows.Length == 0) return new CtrMetrics(null, null, null, null);
        byte[] clicks = Columns.Pick(table.Labels, rows);
        string? group = table.Find(FieldRole.Group)?.Name;
        return new CtrMetrics(
            Finite(Stats.Auc.Compute(predictions.Click, clicks)),
            group is null ? null : Finite(GroupAuc.Compute(predictions.Click, clicks, Columns.Pick(table.Codes(group), rows))),
            Finite(Stats.LogLoss.Compute(predictions.Click, clicks)),
            predictions.Conversion.Length == 0 ? null : Finite(Stats.Auc.Compute(predictions.Conversion, Columns.Pick(table.Conversions, rows))),
            group is null ? null : Finite(GroupNdcg.Compute(predictions.Click, clicks, Columns.Pick(table.Codes(group), rows), NdcgDepth)),
            Calibration.Of(predictions.Click, clicks),
            group is null ? null : GroupAuc.OneClass(clicks, Columns.Pick(table.Codes(group), rows)));
    }

    /// <summary>What early stopping compares: the weighted sum of <paramref name="monitor"/>; without validation figures, the lowest score.</summary>
    /// <exception cref="InputException">A monitored figure does not exist on this data.</exception>
    public double Score(IReadOnlyDictionary<MonitoredMetric, double> monitor)
    {
        double score = 0;
        foreach ((MonitoredMetric metric, double weight) in monitor)
        {
            double? value = metric switch { MonitoredMetric.Gauc => Gauc, MonitoredMetric.LogLoss => LogLoss, MonitoredMetric.CtcvrAuc => CtcvrAuc, _ => Auc };
            // A validation part of one class has no AUC; its log loss is still worth watching.
            if (value is null && metric == MonitoredMetric.Auc && monitor.Count == 1) return -LogLoss ?? double.NegativeInfinity;
            score += weight * (value ?? throw new InputException("experiment", "ctr.monitor", JsonNamingPolicy.CamelCase.ConvertName(metric.ToString()),
                "a figure that the validation part has (both classes, a group field with both in one group, conversions)"));
        }
        return score;
    }

    static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
