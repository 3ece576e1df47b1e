namespace Larr.Model;

/// <summary>Shape of a decoder of the Llama family.</summary>
public sealed record DecoderConfig
{
    /// <summary>Rows of the token embedding. May be larger than the tokenizer's vocabulary (padding rows).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width d of the residual stream.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Number of layers.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>Key and value heads; divides <see cref="Heads"/>.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Width of one head; even, because rotary positions turn pairs.</summary>
    public int HeadWidth { get; init; } = 32;

    /// <summary>Inner width of the feed-forward block.</summary>
    public int FeedForwardWidth { get; init; } = 512;

    /// <summary>Longest sequence in tokens.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>Base of the rotary angles.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>How the rotary angles are stretched for long texts; null: not at all.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Tokens that a token of a windowed layer sees, itself included (Mistral, Qwen 2); null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>The first layer that has the window; those before it see everything.</summary>
    public int WindowFrom { get; init; }

    /// <summary>Added to the mean square before its root is taken.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Is the output head the token embedding itself?</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>Do the q, k and v projections have a bias (Qwen 2)?</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Does the attention's output projection have one too (Llama and Qwen 3 with attention_bias)?</summary>
    public bool OutputBias { get; init; }

    /// <summary>Are q and k normalised per head (Qwen 3)?</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>A shape for tests: trains in seconds.</summary>
    public static DecoderConfig Nano { get; } = new()
    {
        VocabularySize = 96,
        Width = 32,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadWidth = 8,
        FeedForwardWidth = 48,
        MaxLength = 128,
    };

    /// <summary>Refuses a shape that no decoder can have.</summary>
    /// <exception cref="ArgumentException">A size is not positive, or the sizes do not fit each other.</exception>
    public void Validate()
    {
        (string Name, int Value)[] sizes =
        [
            (nameof(VocabularySize), VocabularySize), (nameof(Width), Width), (nameof(Layers), Layers), (nameof(Heads), Heads),
            (nameof(KeyValueHeads), KeyValueHeads), (nameof(HeadWidth), HeadWidth), (nameof(FeedForwardWidth), FeedForwardWidth),
            (nameof(MaxLength), MaxLength),
        ];
        foreach ((string name, int value) in sizes)
            if (value <= 0) throw new ArgumentException($"{name} is {value}; expected a positive number");
        if (Heads % KeyValueHeads != 0) throw new ArgumentException($"{nameof(Heads)} {Heads} is not a multiple of {nameof(KeyValueHeads)} {KeyValueHeads}");
        if (HeadWidth % 2 != 0) throw new ArgumentException($"{nameof(HeadWidth)} is {HeadWidth}; expected an even number");
        if (OutputBias && !AttentionBias) throw new ArgumentException($"{nameof(OutputBias)} without {nameof(AttentionBias)}: no family has that");
        if (QueryKeyNorm && AttentionBias && !OutputBias) throw new ArgumentException($"{nameof(QueryKeyNorm)} and {nameof(AttentionBias)} without {nameof(OutputBias)}: no family has that");
        if (Window <= 0) throw new ArgumentException($"{nameof(Window)} is {Window}; expected a positive number");
        if (WindowFrom < 0) throw new ArgumentException($"{nameof(WindowFrom)} is {WindowFrom}; expected at least 0");
        if (RopeScaling is { } scaling && !(scaling.Factor >= 1 && double.IsFinite(scaling.Factor))) throw new ArgumentException($"{nameof(RopeScaling)} has factor {scaling.Factor}; expected at least 1");
    }
}
