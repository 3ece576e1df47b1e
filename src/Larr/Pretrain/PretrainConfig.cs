using Larr.Model;
using Larr.Runs;
using Larr.Train;

namespace Larr.Pretrain;

/// <summary>Type of the weights that a stage writes.</summary>
public enum StoredType
{
    /// <summary>float32: exact.</summary>
    Float32,

    /// <summary>bfloat16: half the size, three significant digits.</summary>
    BFloat16,
}

/// <summary>Training of a language model on packed documents.</summary>
public sealed record PretrainConfig
{
    /// <summary>Updates. Default 200: a minute on two cores with the small base model.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Tokens of one update, rounded to whole rows. Default 4096.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>Tokens of one row. Default 256.</summary>
    public int Length { get; init; } = 256;

    /// <summary>Tokens computed at once; larger updates are accumulated. Default 8192.</summary>
    public int MicroBatchTokens { get; init; } = 8192;

    /// <summary>Optimizer and schedule.</summary>
    public OptimConfig Optim { get; init; } = new();

    /// <summary>Is the loss taken on the segments of target fields (<c>"target": true</c>) alone? Default: on every token.</summary>
    public bool TargetOnly { get; init; }

    /// <summary>A file of general text, one document per line, mixed in against forgetting. Default: none.</summary>
    public string? ReplayFile { get; init; }

    /// <summary>Share of the rows of an update that come from <see cref="ReplayFile"/>. Default a tenth.</summary>
    public double ReplayShare { get; init; } = 0.1;

    /// <summary>
    /// Share of <see cref="ReplayFile"/> that is held out to measure how much is forgotten, chosen by the text's hash, at most
    /// <see cref="MaxReplayHeldOut"/> documents. Default a fiftieth.
    /// </summary>
    public double ReplayHeldOutShare { get; init; } = 0.02;

    /// <summary>Most general documents that perplexity is measured on. Default 500.</summary>
    public int MaxReplayHeldOut { get; init; } = 500;

    /// <summary>
    /// Steps at the beginning in which nothing but the rows of newly added tokens moves. Default 0: everything from the start.
    /// Without new tokens it is ignored.
    /// </summary>
    public int NewTokenSteps { get; init; }

    /// <summary>
    /// Trains low-rank changes and the rows of new tokens instead of the weights; they are merged into <c>model/</c> and also saved
    /// in <c>adapter/</c>. Default: the weights themselves.
    /// </summary>
    public LowRankConfig? LowRank { get; init; }

    /// <summary>Are layers computed again in the backward pass, which saves memory and costs a third more time? Default: no.</summary>
    public bool Recompute { get; init; }

    /// <summary>Type of the matrix products. Default: what the processor does best.</summary>
    public Precision Compute { get; init; } = Precision.Auto;

    /// <summary>Type of the weights written. Default bfloat16.</summary>
    public StoredType Stored { get; init; } = StoredType.BFloat16;

    /// <summary>Steps between checkpoints. Default 100.</summary>
    public int CheckpointSteps { get; init; } = 100;

    /// <summary>Steps between lines of the log. Default 10.</summary>
    public int LogSteps { get; init; } = 10;

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("pretrain");
        ranges.AtLeast(0, Steps, "steps");
        ranges.AtLeast(1, BatchTokens, "batchTokens");
        ranges.AtLeast(2, Length, "length");
        ranges.AtLeast(1, MicroBatchTokens, "microBatchTokens");
        ranges.AtLeast(0, MaxReplayHeldOut, "maxReplayHeldOut");
        ranges.AtLeast(0, NewTokenSteps, "newTokenSteps");
        ranges.AtLeast(1, CheckpointSteps, "checkpointSteps");
        ranges.AtLeast(1, LogSteps, "logSteps");
        ranges.AtLeast(1, LowRank?.Rank ?? 1, "lowRank.rank");
        ranges.ShareBelowOne(ReplayShare, "replayShare");
        ranges.ShareBelowOne(ReplayHeldOutShare, "replayHeldOutShare");
        Optim.Validate("pretrain.optim");
    }
}
