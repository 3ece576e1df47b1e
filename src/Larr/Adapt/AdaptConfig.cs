namespace Larr.Adapt;

/// <summary>Adaptive kernels per domain (IAK, arXiv 2501.14268). Sizes and weights are our choices.</summary>
public sealed record AdaptConfig
{
    /// <summary>How many of the last hidden layers carry a kernel.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Length of the compressed knowledge z.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>Hidden width of the encoder and of the decoder.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Weight β of the divergence from N(0, I), per impression and value of z.</summary>
    public double Beta { get; init; } = 1e-3;

    /// <summary>Training rows that a domain needs for a kernel.</summary>
    public int MinRows { get; init; } = 500;

    /// <summary>Greatest batch size. A small domain has smaller batches, for <see cref="StepsPerEpoch"/> steps per epoch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Steps per epoch that a small domain shall have.</summary>
    public int StepsPerEpoch { get; init; } = 20;

    /// <summary>Epochs of the first phase, compression.</summary>
    public int CompressionEpochs { get; init; } = 3;

    /// <summary>Greatest number of epochs of the second phase, matching.</summary>
    public int MatchingEpochs { get; init; } = 10;

    /// <summary>Epochs without a better validation AUC after which the second phase, or fine-tuning, stops.</summary>
    public int Patience { get; init; } = 2;

    /// <summary>Adam's step size for kernels.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam's step size for the baseline that fine-tunes everything.</summary>
    public double FineTuneLearningRate { get; init; } = 2e-4;

    /// <summary>Greatest number of epochs of the baseline that fine-tunes everything; 0 leaves it out.</summary>
    public int FineTuneEpochs { get; init; } = 5;
}
