using Larr.Ctr;

namespace Larr.Adapt;

/// <summary>One way of serving, on some test rows.</summary>
/// <param name="Frozen">The pre-trained model as it is.</param>
/// <param name="FineTuned">A fully fine-tuned copy per domain; null where that baseline is left out.</param>
/// <param name="Iak">The pre-trained model with the domain's kernels where it has any.</param>
public sealed record AdaptMetrics(CtrMetrics Frozen, CtrMetrics? FineTuned, CtrMetrics Iak);

/// <summary>One domain.</summary>
/// <param name="Value">The domain field's value.</param>
/// <param name="TrainRows">Its training rows.</param>
/// <param name="ValidationRows">Its validation rows.</param>
/// <param name="TestRows">Its test rows.</param>
/// <param name="Kernel">What kernel training gave; null where the domain has too few rows.</param>
/// <param name="Activated">Whether the domain is served with kernels.</param>
/// <param name="Test">Metrics of its test rows.</param>
public sealed record DomainReport(string Value, int TrainRows, int ValidationRows, int TestRows, KernelOutcome? Kernel, bool Activated, AdaptMetrics Test);

/// <summary>What adaptation brought.</summary>
/// <param name="Test">Metrics of all test rows.</param>
/// <param name="Domains">Every domain.</param>
/// <param name="ActiveKernels">Domains served with kernels.</param>
/// <param name="KernelParameters">Trained values per domain with kernels.</param>
/// <param name="FineTuneParameters">Trained values per domain with full fine-tuning.</param>
/// <param name="KernelSeconds">Time to train all kernels.</param>
/// <param name="FineTuneSeconds">Time to fine-tune all copies.</param>
public sealed record AdaptReport(
    AdaptMetrics Test,
    IReadOnlyList<DomainReport> Domains,
    int ActiveKernels,
    long KernelParameters,
    long FineTuneParameters,
    double KernelSeconds,
    double FineTuneSeconds);
