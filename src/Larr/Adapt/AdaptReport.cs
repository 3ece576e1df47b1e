using Larr.Ctr;

namespace Larr.Adapt;

/// <summary>One domain.</summary>
/// <param name="Value">The domain field's value.</param>
/// <param name="TrainRows">Its training rows.</param>
/// <param name="ValidationRows">Its validation rows.</param>
/// <param name="TestRows">Its test rows.</param>
/// <param name="Epoch">Epochs of training after which it is served; 0: the pre-trained model serves it; null: it has too few rows, and nothing was trained.</param>
/// <param name="Frozen">Metrics of its test rows: the pre-trained model as it is.</param>
/// <param name="Adapted">The same, as it is served.</param>
public sealed record DomainReport(string Value, int TrainRows, int ValidationRows, int TestRows, int? Epoch, CtrMetrics Frozen, CtrMetrics Adapted);

/// <summary>What adaptation brought.</summary>
/// <param name="Frozen">Metrics of all test rows: the pre-trained model as it is.</param>
/// <param name="Adapted">The same, each domain as it is served.</param>
/// <param name="Domains">Every domain.</param>
/// <param name="ActiveDomains">Domains that another model than the pre-trained one serves.</param>
/// <param name="Parameters">Trained values, of all domains together.</param>
/// <param name="Seconds">Time to train them.</param>
/// <param name="TestSlices">Metrics of parts of the test rows, predicted as in <paramref name="Adapted"/>.</param>
public sealed record AdaptReport(
    CtrMetrics Frozen,
    CtrMetrics Adapted,
    IReadOnlyList<DomainReport> Domains,
    int ActiveDomains,
    long Parameters,
    double Seconds,
    IReadOnlyList<CtrSlice>? TestSlices = null);
