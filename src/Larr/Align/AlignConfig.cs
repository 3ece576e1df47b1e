using Larr.Runs;

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

    /// <summary>The frozen vectors side by side, then a perceptron (<see cref="ConcatMlpScene"/>).</summary>
    ConcatMlp,

    /// <summary>A weighted mean by a learned query (<see cref="AttentionPoolScene"/>).</summary>
    AttentionPool,

    /// <summary>
    /// The slow reference: the language model reads the whole scene as one text, and a perceptron follows. Its work grows with the distinct
    /// scenes, and at serving with the requests, so it is trained and compared but not served.
    /// </summary>
    WholeText,
}

/// <summary>What a scene vector is aligned to.</summary>
public enum CollaborativeSignal
{
    /// <summary>The embedding of the item clicked.</summary>
    Item,

    /// <summary>The embedding of the user who clicked.</summary>
    User,

    /// <summary>A linear layer over both, side by side.</summary>
    UserAndItem,
}

/// <summary>What a click model does with the scene vector.</summary>
public enum SceneUse
{
    /// <summary>It is one more field of the input.</summary>
    Field,

    /// <summary>It scales the other fields and is no input itself.</summary>
    Gate,

    /// <summary>Both.</summary>
    FieldAndGate,

    /// <summary>
    /// Neither: the alignment loss alone shapes the embeddings, as in CTRL (arXiv 2306.02841). At serving there is no text and no encoder.
    /// </summary>
    AlignmentOnly,
}

/// <summary>Aggregation of scene vectors and their alignment to collaborative signals (LARR stage 3). Sizes and weights are our choices.</summary>
public sealed record AlignConfig
{
    /// <summary>How a scene's vectors are aggregated.</summary>
    public SceneAggregation Scene { get; init; } = SceneAggregation.Encoder;

    /// <summary>What a click model does with the scene vector. The alignment stage itself does not read it.</summary>
    public SceneUse Use { get; init; } = SceneUse.Field;

    /// <summary>What the scene vector is aligned to. A user's embedding needs a user field, and <c>ctr.useUserId</c> in a click model.</summary>
    public CollaborativeSignal Signal { get; init; } = CollaborativeSignal.Item;

    /// <summary>Weight λ of the alignment loss beside the click loss; 0 switches it off.</summary>
    public double Lambda { get; init; } = .1;

    /// <summary>Temperature of the alignment loss.</summary>
    public double Temperature { get; init; } = .1;

    /// <summary>Whether a pair of an identical scene is left out of the negatives. Where scenes are few, most of them would be false ones.</summary>
    public bool MaskScenes { get; init; } = true;

    /// <summary>Whether a pair of an identical signal (the same item, the same user, or both the same) is left out of the negatives.</summary>
    public bool MaskSignals { get; init; } = true;

    /// <summary>
    /// Whether rows of one request come side by side, in one batch unless they lie at its border, here and in every click model, with a scene or without. Their scene is then encoded once. Default: no,
    /// since a group may be a user with hundreds of rows.
    /// </summary>
    public bool WholeRequests { get; init; }

    /// <summary>Width of the aggregation encoder, and of the hidden layer or tokens of the alternatives.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Transformer layers of the aggregation encoder.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Attention heads; they divide the width.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of the collaborative embeddings of the alignment stage. Default: <c>ctr.embeddingDimension</c>, which a click model that starts from it needs.</summary>
    public int? Dimension { get; init; }

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

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("align");
        ranges.AtLeast(1, Width, "width");
        ranges.AtLeast(1, Layers, "layers");
        ranges.Check(Heads >= 1 && Width % Heads == 0, "heads", Heads, $"a divisor of the width {Width}");
        ranges.AtLeast(1, Dimension ?? 1, "dimension");
        ranges.AtLeast(1, BatchSize, "batchSize");
        ranges.AtLeast(1, Epochs, "epochs");
        ranges.AtLeast(1, Patience, "patience");
        ranges.AtLeast(1, MinCount, "minCount");
        ranges.NotNegative(Lambda, "lambda");
        ranges.Positive(Temperature, "temperature");
        ranges.Positive(LearningRate, "learningRate");
    }
}
