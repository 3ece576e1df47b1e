using Larr.Adapt;
using Larr.Ctr;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>The test metrics of one cell of an ablation, by name; a metric that the data cannot give is absent.</summary>
/// <param name="Values">Metric → value.</param>
sealed record CellMetrics(IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The metrics in the order of a table.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auc", "gauc", "log_loss", "ctcvr_auc"];

    /// <summary>Reads the report of a CTR stage, or of the adaptation on top of one.</summary>
    public static CellMetrics Read(string folder, bool adapted)
    {
        return Of(adapted ? StageContext.ReadReport<AdaptReport>(folder).Iak : StageContext.ReadReport<CtrReport>(folder).Test);
    }

    static CellMetrics Of(CtrMetrics metrics) => new(
        Names.Zip([metrics.Auc, metrics.Gauc, metrics.LogLoss, metrics.CtcvrAuc])
            .Where(m => m.Second is not null)
            .ToDictionary(m => m.First, m => m.Second!.Value));
}
