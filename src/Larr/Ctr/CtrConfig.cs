using Larr.Model;
using Larr.Runs;

namespace Larr.Ctr;

/// <summary>The network between the embeddings and the heads.</summary>
public enum BackboneKind
{
    /// <summary>Logistic regression (<see cref="Backbones.Lr"/>).</summary>
    Lr,

    /// <summary>Factorisation machine (<see cref="Backbones.Fm"/>).</summary>
    Fm,

    /// <summary>A multilayer perceptron on the concatenated embeddings (<see cref="Backbones.Dnn"/>).</summary>
    Dnn,

    /// <summary>Factorisation machine beside a multilayer perceptron (<see cref="Backbones.DeepFm"/>).</summary>
    DeepFm,

    /// <summary>Cross layers beside a multilayer perceptron (<see cref="Backbones.DcnV2"/>).</summary>
    DcnV2,

    /// <summary>Two gated multilayer perceptrons, fused (<see cref="Backbones.FinalMlp"/>).</summary>
    FinalMlp,

    /// <summary>DIN's attention over the behaviour, then a multilayer perceptron (<see cref="Backbones.Din"/>).</summary>
    Din,

    /// <summary>Multi-head target attention over long behaviour, then a multilayer perceptron (<see cref="Backbones.TargetAttention"/>).</summary>
    TargetAttention,
}

/// <summary>What trains the embedding rows.</summary>
public enum EmbeddingOptimizer
{
    /// <summary>Adam, as for the layers (<see cref="Features.SparseAdam"/>).</summary>
    Adam,

    /// <summary>Row-wise Adagrad (<see cref="Features.SparseAdagrad"/>): less memory; it wants a greater step size.</summary>
    Adagrad,
}

/// <summary>A figure of the validation part that training can watch.</summary>
public enum MonitoredMetric
{
    /// <summary>AUC of clicks.</summary>
    Auc,

    /// <summary>AUC of clicks within groups.</summary>
    Gauc,

    /// <summary>Log loss of clicks; give it a negative weight.</summary>
    LogLoss,

    /// <summary>AUC of conversions over all impressions.</summary>
    CtcvrAuc,
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

    /// <summary>Widths of the second stream's hidden layers of <see cref="BackboneKind.FinalMlp"/>; the first has <see cref="Hidden"/>.</summary>
    public IReadOnlyList<int> SecondHidden { get; init; } = [128];

    /// <summary>Width of the gates of <see cref="BackboneKind.FinalMlp"/>.</summary>
    public int GateWidth { get; init; } = 64;

    /// <summary>Heads of the fusion of <see cref="BackboneKind.FinalMlp"/>; they divide both streams' last widths.</summary>
    public int FusionHeads { get; init; } = 1;

    /// <summary>Heads of <see cref="BackboneKind.TargetAttention"/>; they divide the embedding dimension.</summary>
    public int AttentionHeads { get; init; } = 2;

    /// <summary>Share of hidden values dropped in training.</summary>
    public double Dropout { get; init; } = .1;

    /// <summary>Batch normalisation before each activation.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Impressions per step.</summary>
    public int BatchSize { get; init; } = 2048;

    /// <summary>Greatest number of epochs.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Epochs in a row without a better validation score after which training stops.</summary>
    public int Patience { get; init; } = 2;

    /// <summary>Rise of the validation score that an epoch must exceed to be better than the best one before; a smaller one neither keeps the weights nor renews the patience.</summary>
    public double MinDelta { get; init; }

    /// <summary>What the validation score is: a weighted sum of figures, for example <c>{ "auc": 2, "logLoss": -1 }</c>.</summary>
    public IReadOnlyDictionary<MonitoredMetric, double> Monitor { get; init; } = new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Auc] = 1 };

    /// <summary>Factor of the step size after every <see cref="PlateauPatience"/> epochs in a row without a better score; 1 keeps it. FuxiCTR's benchmarks take 0.1.</summary>
    public double PlateauFactor { get; init; } = 1;

    /// <summary>
    /// Epochs in a row without a better score after which the step size drops, and drops again. With 1, as in FuxiCTR, one unlucky epoch is enough. It works where
    /// <see cref="Patience"/> is greater; otherwise training stops before.
    /// </summary>
    public int PlateauPatience { get; init; } = 1;

    /// <summary>Adam's step size, for embeddings and layers alike.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Standard deviation of the embedding rows at the start. Too small a one can leave the training on a plateau of single features.</summary>
    public double InitialDeviation { get; init; } = .01;

    /// <summary>What trains the embedding rows.</summary>
    public EmbeddingOptimizer EmbeddingOptimizer { get; init; } = EmbeddingOptimizer.Adam;

    /// <summary>L2 regularisation of all embedding rows, in every step: the weight of half their squares in the loss.</summary>
    public double EmbeddingL2 { get; init; } = 1e-5;

    /// <summary>
    /// Factor of scene vectors, text vectors and vectors made elsewhere where they enter the network (not where they gate it). Default: 1, or one over the width of the frozen
    /// vectors where <see cref="EmbeddingL2"/> is <see cref="StrongL2"/> or more. A step of Adam moves each number of an embedding by the step size at most; a linear layer
    /// on D standardised values moves its outputs by D times as much. Embeddings that a strong L2 holds vanish beside such vectors, which are there first; with 1 / D vectors are as small at
    /// the start and as slow, as μP's rule for input layers (arXiv 2203.03466) would have them. Where nothing holds the embeddings that only makes them late. Our choice.
    /// </summary>
    public double? VectorScale { get; init; }

    /// <summary>Type of the hidden layers' matrix products in training.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

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

    /// <summary>
    /// Whether the item also meets the scene in element-wise products, once with the mean of the scene's identifiers and once with the scene vector. The
    /// alignment makes scene and item meet in an inner product, which a perceptron on two vectors side by side learns slowly. Where texts of items and
    /// users are features, the item in a product is its embedding plus its projected text, and it meets the user's text too.
    /// </summary>
    public bool SceneProducts { get; init; }

    /// <summary>Leaves the identifiers of scene fields and the domain out, so that only the scene vector speaks of the scene.</summary>
    public bool ExcludeScene { get; init; }

    /// <summary>L2 of embeddings from which vectors are scaled down by default: on real logs 1 did harm from .01 on, in the simulated city 1 / D did at .001.</summary>
    public const double StrongL2 = .005;

    /// <summary>The factor of what is made of frozen vectors of some width (<see cref="VectorScale"/>).</summary>
    public double ScaleOf(int width) => VectorScale ?? (EmbeddingL2 >= StrongL2 ? 1d / width : 1);

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("ctr");
        void Widths(IReadOnlyList<int> widths, string key) => ranges.Check(widths.Count > 0 && widths.All(w => w >= 1), key, $"[{string.Join(", ", widths)}]", "one width or more, each at least 1");
        ranges.AtLeast(1, EmbeddingDimension, "embeddingDimension");
        ranges.AtLeast(1, CrossLayers, "crossLayers");
        ranges.AtLeast(1, GateWidth, "gateWidth");
        ranges.AtLeast(1, FusionHeads, "fusionHeads");
        ranges.AtLeast(1, AttentionHeads, "attentionHeads");
        ranges.AtLeast(1, BatchSize, "batchSize");
        ranges.AtLeast(1, Epochs, "epochs");
        ranges.AtLeast(1, Patience, "patience");
        ranges.AtLeast(1, PlateauPatience, "plateauPatience");
        ranges.AtLeast(1, MinCount, "minCount");
        if (Backbone is not (BackboneKind.Lr or BackboneKind.Fm)) Widths(Hidden, "hidden");
        if (Backbone == BackboneKind.FinalMlp) Widths(SecondHidden, "secondHidden");
        ranges.ShareBelowOne(Dropout, "dropout");
        ranges.Check(MinDelta >= 0, "minDelta", MinDelta, "0 or more");
        ranges.Check(Monitor.Values.Any(w => w != 0) && Monitor.Values.All(double.IsFinite), "monitor", $"{{ {string.Join(", ", Monitor)} }}", "a metric with a weight, such as { \"auc\": 1 }");
        ranges.Check(PlateauFactor is > 0 and <= 1, "plateauFactor", PlateauFactor, "above 0, at most 1");
        ranges.Positive(LearningRate, "learningRate");
        ranges.NotNegative(InitialDeviation, "initialDeviation");
        ranges.NotNegative(EmbeddingL2, "embeddingL2");
        ranges.Check(VectorScale is null || (VectorScale > 0 && double.IsFinite(VectorScale.Value)), "vectorScale", VectorScale, "a number above 0");
        ranges.NotNegative(WeightDecay, "weightDecay");
    }
}
