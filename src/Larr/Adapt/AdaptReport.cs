using Larr.Ctr;

namespace Larr.Adapt;

/// <summary>One domain.</summary>
/// <param name="Value">The domain field's value.</param>
/// <param name="TrainRows">Its training rows.</param>
/// <param name="ValidationRows">Its validation rows.</param>
/// <param name="TestRows">Its test rows.</param>
/// <param name="Kernel">What kernel training gave; null where the domain has too few rows.</param>
/// <param name="Activated">Whether the domain is served with kernels.</param>
/// <param name="Frozen">Metrics of its test rows: the pre-trained model as it is.</param>
/// <param name="FineTuned">The same, a fully fine-tuned copy; null where that baseline is left out.</param>
/// <param name="Iak">The same, the pre-trained model with the domain's kernels where it has any.</param>
public sealed record DomainReport(
    string Value,
    int TrainRows,
    int ValidationRows,
    int TestRows,
    KernelOutcome? Kernel,
    bool Activated,
    CtrMetrics Frozen,
    CtrMetrics? FineTuned,
    CtrMetrics Iak);

/// <summary>What adaptation brought.</summary>
/// <param name="Frozen">Metrics of all test rows: the pre-trained model as it is.</param>
/// <param name="FineTuned">The same, a fully fine-tuned copy per domain; null where that baseline is left out.</param>
/// <param name="Iak">The same, the pre-trained model with a domain's kernels where it has any.</param>
/// <param name="Domains">Every domain.</param>
/// <param name="ActiveKernels">Domains served with kernels.</param>
/// <param name="KernelParameters">Trained values per domain with kernels.</param>
/// <param name="FineTuneParameters">Trained values per domain with full fine-tuning.</param>
/// <param name="KernelSeconds">Time to train all kernels.</param>
/// <param name="FineTuneSeconds">Time to fine-tune all copies.</param>
/// <param name="TestSlices">Metrics of parts of the test rows, predicted as in <paramref name="Iak"/>.</param>
public sealed record AdaptReport(
    CtrMetrics Frozen,
    CtrMetrics? FineTuned,
    CtrMetrics Iak,
    IReadOnlyList<DomainReport> Domains,
    int ActiveKernels,
    long KernelParameters,
    long FineTuneParameters,
    double KernelSeconds,
    double FineTuneSeconds,
    IReadOnlyList<CtrSlice>? TestSlices = null);
