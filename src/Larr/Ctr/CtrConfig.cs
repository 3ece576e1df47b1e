namespace Larr.Ctr;

/// <summary>The network between the embeddings and the heads.</summary>
public enum BackboneKind
{
    /// <summary>A multilayer perceptron on the concatenated embeddings (<see cref="Ctr.Dnn"/>).</summary>
    Dnn,

    /// <summary>Cross layers beside a multilayer perceptron (<see cref="Ctr.DcnV2"/>).</summary>
    DcnV2,

    /// <summary>Target attention over the behaviour, then a multilayer perceptron (<see cref="Ctr.Din"/>).</summary>
    Din,
}

/// <summary>The click model and its training.</summary>
public sealed record CtrConfig
{
    /// <summary>The network between the embeddings and the heads.</summary>
    public BackboneKind Backbone { get; init; } = BackboneKind.Dnn;

    /// <summary>Length of every embedding, and of the scene vector.</summary>
    public int EmbeddingDimension { get; init; } = 16;

    /// <summary>Widths of the hidden layers.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [256, 128];

    /// <summary>Cross layers of <see cref="BackboneKind.DcnV2"/>.</summary>
    public int CrossLayers { get; init; } = 2;

    /// <summary>Share of hidden values dropped in training.</summary>
    public double Dropout { get; init; } = .1;

    /// <summary>Batch normalisation before each activation.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Impressions per step.</summary>
    public int BatchSize { get; init; } = 2048;

    /// <summary>Greatest number of epochs.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Epochs without a better validation AUC after which training stops.</summary>
    public int Patience { get; init; } = 2;

    /// <summary>Adam's step size, for embeddings and layers alike.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Standard deviation of the embedding rows at the start. Too small a one can leave the training on a plateau of single features.</summary>
    public double InitialDeviation { get; init; } = .01;

    /// <summary>L2 regularisation of the embedding rows of a batch.</summary>
    public double EmbeddingL2 { get; init; } = 1e-5;

    /// <summary>Decoupled weight decay of the layers' matrices.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Occurrences in the training part that a value needs for an embedding of its own.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Whether the item's identity is a feature. Alignment and behaviours need it.</summary>
    public bool UseItemId { get; init; } = true;

    /// <summary>Whether the user's identity is a feature. Switch it off where test users are new.</summary>
    public bool UseUserId { get; init; } = true;

    /// <summary>Whether behaviour fields are features.</summary>
    public bool UseBehaviour { get; init; } = true;

    /// <summary>Latest items of each behaviour that are read.</summary>
    public int HistoryLength { get; init; } = 20;

    /// <summary>Leaves the identifiers of scene fields and the domain out, so that only the scene vector speaks of the scene.</summary>
    public bool ExcludeScene { get; init; }
}
