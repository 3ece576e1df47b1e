using Larr.Model;
using Larr.Runs;
using Larr.Train;

namespace Larr.Contrast;

/// <summary>Contrastive fine-tuning of the language model into a text embedder (LARR stage 2, arXiv 2408.11523, which gives none of these numbers).</summary>
public sealed record ContrastConfig
{
    /// <summary>Weight of the user–user loss; 0 switches it off. Default: 0.5.</summary>
    public double UserUser { get; init; } = 0.5;

    /// <summary>Weight of the item–item loss; 0 switches it off. Default: 1.</summary>
    public double ItemItem { get; init; } = 1;

    /// <summary>Weight of the user–item loss; 0 switches it off. Default: 1.</summary>
    public double UserItem { get; init; } = 1;

    /// <summary>Weight of the scene–item loss, our addition; 0 switches it off. Default: 1.</summary>
    public double SceneItem { get; init; } = 1;

    /// <summary>Temperature of the scores. Default: 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>
    /// Temperature of the scores of scene values with items. Higher, because a value changes the chance of an item by a factor of a few, not of hundreds: at
    /// a low temperature all values of a field fit into one direction. Default: 0.2.
    /// </summary>
    public double SceneTemperature { get; init; } = 0.2;

    /// <summary>Are the temperatures learned, starting from those given, never below 0.01? Default: no.</summary>
    public bool LearnTemperature { get; init; }

    /// <summary>Does each pair also count from right to left? Default: yes.</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>
    /// Take log of how often a key is drawn off its score (sampled softmax)? Then scores tell what is likeliest, popularity included; without, what is
    /// likelier than elsewhere, as nearness of meaning asks. Default: no.
    /// </summary>
    public bool LogQ { get; init; }

    /// <summary>
    /// A key that is nearer to a query than the query's own positive by more than this cosine is taken for an unknown positive and masked. Null: none
    /// is. Default: null.
    /// </summary>
    public double? FalseNegativeMargin { get; init; }

    /// <summary>Hard negatives mined for each pair, shared by the batch. Default: 0.</summary>
    public int HardNegatives { get; init; }

    /// <summary>First rank of the window that hard negatives are drawn from; 1 is the nearest. Default: 5.</summary>
    public int HardFromRank { get; init; } = 5;

    /// <summary>Last rank of that window. Default: 50.</summary>
    public int HardToRank { get; init; } = 50;

    /// <summary>
    /// Negatives that each user and each scene value gets from the items that it was shown and passed over; then a text of the batch is a negative only where
    /// it could have been chosen (<see cref="Exposure"/>). For logs of what was shown, not for those with sampled negatives. 0: every text of the batch is a
    /// negative. Default: 0.
    /// </summary>
    public int ShownNegatives { get; init; }

    /// <summary>Leading widths of the embedding that the loss also asks of (Matryoshka), each below its length. Default: none.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [];

    /// <summary>Tokens that are held with their graph at a time (<see cref="GradCache"/>), for batches larger than memory. Null: the whole batch at once. Default: null.</summary>
    public int? GradCacheTokens { get; init; }

    /// <summary>Weight of predicting the target segments of corpus documents beside the pairs (<see cref="GenerativeLoss"/>). Default: 0, none.</summary>
    public double Generative { get; init; }

    /// <summary>Tokens of documents that it reads per step. Default: 1,024.</summary>
    public int GenerativeTokens { get; init; } = 1024;

    /// <summary>Pairs of each kind per step. Default: 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Optimizer steps. Default: 150.</summary>
    public int Steps { get; init; } = 150;

    /// <summary>
    /// Length of the embedding; null: the model's width, without projection. A projection has to be learned from pairs alone, and short runs lose by it what
    /// pre-training brought. Default: null.
    /// </summary>
    public int? Dimension { get; init; }

    /// <summary>How hidden states become one vector. The state of an embedding token, which pre-training has not seen, takes longer to learn. Default: their mean.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>What a token sees of its text. Default: what stands before it, as in pre-training.</summary>
    public TextAttention Attention { get; init; }

    /// <summary>A longer text is cut to so many tokens, the embedding token included. Default: 80.</summary>
    public int MaxTokens { get; init; } = 80;

    /// <summary>Most similar users (items) that each user (item) is paired with. Default: 5.</summary>
    public int Neighbours { get; init; } = 5;

    /// <summary>Most phrases in a profile's persona. Default: 5, as in the corpus.</summary>
    public int PersonaPhrases { get; init; } = 5;

    /// <summary>Most pairs kept of a kind (of a scene field). Default: 50,000.</summary>
    public int MaxPairs { get; init; } = 50_000;

    /// <summary>Share of users and of items kept out of all training pairs, for the retrieval report. Default: 0.1.</summary>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Most held-out pairs of a kind that are measured. Default: 500.</summary>
    public int MaxHeldOutPairs { get; init; } = 500;

    /// <summary>Most validation impressions that are ranked by the vectors alone (<see cref="ClickRanking"/>). Default: 5,000.</summary>
    public int MaxImpressions { get; init; } = 5000;

    /// <summary>Optimizer. Default: AdamW at 5e-4, weight decay 0.01.</summary>
    public OptimConfig Optim { get; init; } = new() { LearningRate = 5e-4, WeightDecay = 0.01, WarmupShare = 0.1 };

    /// <summary>Type of the matrix products. Default: what the processor does best.</summary>
    public Precision Precision { get; init; }

    /// <summary>Steps between lines of <c>curve.csv</c>. Default: 10.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("contrast");
        ranges.NotNegative(UserUser, "userUser");
        ranges.NotNegative(ItemItem, "itemItem");
        ranges.NotNegative(UserItem, "userItem");
        ranges.NotNegative(SceneItem, "sceneItem");
        ranges.Check(Temperature >= ContrastModel.LeastTemperature, "temperature", Temperature, $"{ContrastModel.LeastTemperature} or more");
        ranges.Check(SceneTemperature >= ContrastModel.LeastTemperature, "sceneTemperature", SceneTemperature, $"{ContrastModel.LeastTemperature} or more");
        ranges.Check(FalseNegativeMargin is null or >= 0, "falseNegativeMargin", FalseNegativeMargin, "0 or more: a lower one would mask the positives themselves");
        ranges.NotNegative(HardNegatives, "hardNegatives");
        ranges.NotNegative(ShownNegatives, "shownNegatives");
        ranges.AtLeast(1, Steps, "steps");
        ranges.AtLeast(1, LogEvery, "logEvery");
        ranges.AtLeast(2, MaxTokens, "maxTokens");
        ranges.Check(Dimension is null or >= 1, "dimension", Dimension, "1 or more");
        ranges.ShareBelowOne(HeldOutShare, "heldOutShare");
        Optim.Validate("contrast.optim");
        ranges.Check(Batch >= 2, "batch", Batch, "at least 2 pairs");
        ranges.Check(HardFromRank >= 1 && HardToRank >= HardFromRank, "hardToRank", HardToRank, $"a rank from hardFromRank = {HardFromRank} on, which is at least 1");
        ranges.Check(GradCacheTokens is null or > 0, "gradCacheTokens", GradCacheTokens, "a positive number of tokens");
        ranges.Check(Generative >= 0 && GenerativeTokens > 0, "generative", Generative, "0 or a positive weight, and a positive number of generativeTokens");
        ValidateWidths(Dimension ?? int.MaxValue);
    }

    /// <summary>Checks <see cref="Widths"/> against the length of an embedding.</summary>
    /// <exception cref="InputException">One is not below it.</exception>
    internal void ValidateWidths(int dimension)
    {
        if (Widths.Any(w => w <= 0 || w >= dimension)) throw new InputException("experiment", "contrast.widths", string.Join(", ", Widths), $"numbers from 1 to {dimension - 1}");
    }

    /// <summary>The weight of a kind.</summary>
    public double Weight(PairKind kind) => kind switch
    {
        PairKind.UserUser => UserUser,
        PairKind.ItemItem => ItemItem,
        PairKind.UserItem => UserItem,
        _ => SceneItem,
    };
}
