using Larr.Runs;

namespace Larr.Train;

/// <summary>AdamW (arXiv 1711.05101) and its schedule.</summary>
public sealed record OptimConfig
{
    /// <summary>Highest learning rate. Default 1e-3: small models from scratch; lower for large ones.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled decay of matrices; vectors (norms, biases) are not decayed. Default 0.1.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Decay of the first moment. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment. Default 0.95, as language models use.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Gradients longer than this are scaled down to it. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Course of the learning rate. Default cosine.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Share of the steps in which the rate rises. Default 0.05.</summary>
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>Share of the steps in which the rate falls; for <see cref="ScheduleKind.WarmupStableDecay"/>. Default 0.2.</summary>
    public double DecayShare { get; init; } = 0.2;

    /// <summary>Lowest rate as a share of the highest. Default 0.1.</summary>
    public double Floor { get; init; } = 0.1;

    /// <summary>Checks values that no type can.</summary>
    /// <param name="place">Where the experiment has this record, such as <c>pretrain.optim</c>.</param>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate(string place)
    {
        var ranges = new SettingRanges(place);
        ranges.Positive(LearningRate, "learningRate");
        ranges.NotNegative(WeightDecay, "weightDecay");
        ranges.ShareBelowOne(Beta1, "beta1");
        ranges.ShareBelowOne(Beta2, "beta2");
        ranges.Check(ClipNorm > 0, "clipNorm", ClipNorm, "a number above 0");
        ranges.Share(WarmupShare, "warmupShare");
        ranges.Share(DecayShare, "decayShare");
        ranges.Share(Floor, "floor");
    }

    /// <summary>Learning rate at a step of <paramref name="total"/>.</summary>
    public double Rate(long step, long total)
    {
        long warmup = (long)Math.Round(WarmupShare * total);
        return LearningRate * (Schedule == ScheduleKind.Cosine
            ? Train.Schedule.Cosine(step, warmup, total, Floor)
            : Train.Schedule.WarmupStableDecay(step, warmup, Math.Max(1, (long)Math.Round(DecayShare * total)), total, Floor));
    }
}
