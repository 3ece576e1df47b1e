using Larr.Runs;

namespace Larr.Adapt;

/// <summary>Adaptation of a click model to domains: adaptive kernels (IAK, arXiv 2501.14268), or another method in their place. Sizes and weights are our choices.</summary>
public sealed record AdaptConfig
{
    /// <summary>The method.</summary>
    public AdaptMethod Method { get; init; } = AdaptMethod.Iak;

    /// <summary>How many of the last hidden layers are changed.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Length of the compressed knowledge z.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>Hidden width of a kernel's encoder and decoder. Other methods get the size at which they have as many trained values.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Weight β of the divergence from N(0, I), per impression and value of z.</summary>
    public double Beta { get; init; } = 1e-3;

    /// <summary>Training rows that a domain needs to be adapted to.</summary>
    public int MinRows { get; init; } = 500;

    /// <summary>Greatest batch size. A small domain has smaller batches, for <see cref="StepsPerEpoch"/> steps per epoch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Steps per epoch that a small domain shall have.</summary>
    public int StepsPerEpoch { get; init; } = 20;

    /// <summary>Epochs of the kernels' first phase, compression; 0: the encoders learn together with the decoders.</summary>
    public int CompressionEpochs { get; init; } = 3;

    /// <summary>Greatest number of epochs of the kernels' second phase, matching, and of every other method but full fine-tuning.</summary>
    public int MatchingEpochs { get; init; } = 10;

    /// <summary>
    /// Adam's step size for adapters. Their rows are ones that the pre-trained model has fitted already: with 3e-4 and more, kernels overfit within the
    /// first epoch on the simulated city.
    /// </summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Decay of an adapter's matrices towards no change.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam's step size for full fine-tuning.</summary>
    public double FineTuneLearningRate { get; init; } = 2e-4;

    /// <summary>Greatest number of epochs of full fine-tuning.</summary>
    public int FineTuneEpochs { get; init; } = 5;

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("adapt");
        ranges.AtLeast(1, Layers, "layers");
        ranges.AtLeast(1, Bottleneck, "bottleneck");
        ranges.AtLeast(1, Width, "width");
        ranges.AtLeast(1, MinRows, "minRows");
        ranges.AtLeast(1, BatchSize, "batchSize");
        ranges.AtLeast(1, StepsPerEpoch, "stepsPerEpoch");
        ranges.AtLeast(0, CompressionEpochs, "compressionEpochs");
        ranges.AtLeast(1, MatchingEpochs, "matchingEpochs");
        ranges.AtLeast(1, FineTuneEpochs, "fineTuneEpochs");
        ranges.NotNegative(Beta, "beta");
        ranges.Positive(LearningRate, "learningRate");
        ranges.NotNegative(WeightDecay, "weightDecay");
        ranges.Positive(FineTuneLearningRate, "fineTuneLearningRate");
    }
}
