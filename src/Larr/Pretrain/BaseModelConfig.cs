using Larr.Model;
using Larr.Train;

namespace Larr.Pretrain;

/// <summary>Making of a small base model from general text.</summary>
public sealed record BaseModelConfig
{
    /// <summary>Shape; its vocabulary size is the largest that the tokenizer may have. Default <see cref="DecoderConfig.Small"/>.</summary>
    public DecoderConfig Shape { get; init; } = DecoderConfig.Small;

    /// <summary>
    /// The training. Default: 2800 steps of 16 rows of 128 tokens, 5.7 million tokens, half an hour on one core with bfloat16;
    /// short rows, because definitions are short and attention costs by the row's length.
    /// </summary>
    public PretrainConfig Training { get; init; } = new()
    {
        Steps = 2800,
        BatchTokens = 2048,
        Length = 128,
        Optim = new OptimConfig { LearningRate = 3e-3, Schedule = ScheduleKind.WarmupStableDecay, WarmupShare = 0.04, DecayShare = 0.24, Floor = 0.02 },
    };
}
