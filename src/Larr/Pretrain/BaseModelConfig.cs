using Larr.Model;
using Larr.Train;

namespace Larr.Pretrain;

/// <summary>Making of a small base model from general text.</summary>
public sealed record BaseModelConfig
{
    /// <summary>Shape; its vocabulary size is the largest that the tokenizer may have. Default <see cref="DecoderConfig.Small"/>.</summary>
    public DecoderConfig Shape { get; init; } = DecoderConfig.Small;

    /// <summary>The training. Default: 2500 steps of 16 rows of 256 tokens.</summary>
    public PretrainConfig Training { get; init; } = new() { Steps = 2500, Optim = new OptimConfig { LearningRate = 3e-3 } };
}
