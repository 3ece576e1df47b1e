
namespace Larr.Pretrain;

/// <summary>What a pre-training did.</summary>
public sealed record PretrainReport
{
    /// <summary>Held-out documents before the training, new tokens already added.</summary>
    public required Perplexity Before { get; init; }

    /// <summary>The same after.</summary>
    public required Perplexity After { get; init; }

    /// <summary>Held-out general documents before; null without replay.</summary>
    public Perplexity? GeneralBefore { get; init; }

    /// <summary>The same after: what was forgotten.</summary>
    public Perplexity? GeneralAfter { get; init; }

    /// <summary>Training documents longer than a row, which were cut into several.</summary>
    public int CutDocuments { get; init; }

    /// <summary>Updates.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens of rows per second, padding included, in the last process that worked on it.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Parameters that were trained.</summary>
    public long TrainedParameters { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Special tokens added.</summary>
    public required IReadOnlyList<string> AddedTokens { get; init; }

    /// <summary>Seed of the run.</summary>
    public required int Seed { get; init; }
}
