using Larr.Model;
using Larr.Train;

namespace Larr.Pretrain;

/// <summary>Making of a small base model from general text.</summary>
public sealed record BaseModelConfig
{
    /// <summary>
    /// Shape; its vocabulary size is the largest that the tokenizer may have. Default: 11.0 million parameters, 22 MB in bfloat16. Few wide
    /// layers with heads of 64 keep the matrix products large. In one short run on a busy machine it read 3,620 tokens per processor second, and
    /// five layers of width 384 read 3,447, which is no clear difference; twelve of width 256 read 3,007.
    /// </summary>
    public DecoderConfig Shape { get; init; } = new()
    {
        VocabularySize = 8192,
        Width = 320,
        Layers = 6,
        Heads = 5,
        KeyValueHeads = 5,
        HeadWidth = 64,
        FeedForwardWidth = 1024,
        QueryKeyNorm = true,
    };

    /// <summary>
    /// The training. Default: 12,000 steps of 32 rows of 128 tokens, 49 million tokens, a few hours on two cores with bfloat16;
    /// short rows, because definitions are short.
    /// </summary>
    public PretrainConfig Training { get; init; } = new()
    {
        Steps = 12_000,
        BatchTokens = 4096,
        Length = 128,
        CheckpointSteps = 200,
        LogSteps = 20,
        Optim = new OptimConfig { LearningRate = 2e-3, Schedule = ScheduleKind.WarmupStableDecay, WarmupShare = 0.02, DecayShare = 0.25, Floor = 0.02 },
    };
}
