namespace Larr.Align;

/// <summary>How the vectors of a scene's values become one scene vector.</summary>
public enum SceneAggregation
{
    /// <summary>No scene vector: the model sees identifiers alone.</summary>
    None,

    /// <summary>Mean of the frozen vectors, then one linear layer (<see cref="MeanPoolScene"/>).</summary>
    MeanPool,

    /// <summary>The aggregation encoder with its <c>&lt;agg&gt;</c> token (<see cref="AggregationEncoder"/>).</summary>
    Encoder,
}

/// <summary>Aggregation of scene vectors and their alignment to collaborative signals (LARR stage 3). Sizes and weights are our choices.</summary>
public sealed record AlignConfig
{
    /// <summary>How a scene's vectors are aggregated.</summary>
    public SceneAggregation Scene { get; init; } = SceneAggregation.Encoder;

    /// <summary>Weight λ of the alignment loss beside the click loss; 0 switches it off.</summary>
    public double Lambda { get; init; } = .1;

    /// <summary>Temperature of the alignment loss.</summary>
    public double Temperature { get; init; } = .1;

    /// <summary>Width of the aggregation encoder.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Transformer layers of the aggregation encoder.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Attention heads; they divide the width.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of the collaborative embeddings of the alignment stage. A click model that starts from it has the same.</summary>
    public int Dimension { get; init; } = 16;

    /// <summary>Impressions per step of the alignment stage.</summary>
    public int BatchSize { get; init; } = 2048;

    /// <summary>Greatest number of epochs of the alignment stage.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Epochs without a better validation AUC after which the stage stops.</summary>
    public int Patience { get; init; } = 1;

    /// <summary>Adam's step size.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Occurrences in the training part that a user or item needs for an embedding of its own.</summary>
    public int MinCount { get; init; } = 2;
}
