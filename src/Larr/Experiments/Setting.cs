using Larr.Align;

namespace Larr.Experiments;

/// <summary>Which language model the scene values' vectors come from.</summary>
public enum TextSource
{
    /// <summary>The checkpoint as it came: mean of its hidden states.</summary>
    Base,

    /// <summary>After continual pre-training on the corpus: mean of its hidden states.</summary>
    Pretrained,

    /// <summary>After contrastive fine-tuning: the projected state of the last token.</summary>
    Contrasted,
}

/// <summary>One row of an ablation: what of LARR is switched on.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Text">Where the vectors come from; null: no text.</param>
/// <param name="Scene">How a scene's vectors become one.</param>
/// <param name="Aligned">Whether the alignment loss is on and the encoder starts from the align stage.</param>
/// <param name="Adapted">Whether adaptive kernels are trained on top.</param>
/// <param name="SceneIds">Whether the scene's values are features as identifiers too.</param>
public sealed record Setting(
    string Name, TextSource? Text = null, SceneAggregation Scene = SceneAggregation.None, bool Aligned = false, bool Adapted = false, bool SceneIds = true)
{
    /// <summary>Name of the row that the others are tested against.</summary>
    public const string BaselineName = "baseline";

    /// <summary>All features as identifiers, those of the scene included: the strong model without text.</summary>
    public static Setting Baseline { get; } = new(BaselineName);

    /// <summary>LARR without adaptation.</summary>
    public static Setting Full { get; } = new("+ alignment", TextSource.Contrasted, SceneAggregation.Encoder, Aligned: true);

    /// <summary>LARR with adaptive kernels.</summary>
    public static Setting FullAdapted { get; } = Full with { Name = "+ IAK", Adapted = true };

    /// <summary>The rows of an ablation, each adding one ingredient to the row before. The first knows nothing of the scene.</summary>
    public static IReadOnlyList<Setting> Ablation { get; } =
    [
        new("IDs without the scene", SceneIds: false),
        Baseline,
        new("+ scene text, frozen base, mean pooling", TextSource.Base, SceneAggregation.MeanPool),
        new("+ pre-training", TextSource.Pretrained, SceneAggregation.MeanPool),
        new("+ contrast", TextSource.Contrasted, SceneAggregation.MeanPool),
        new("+ aggregation encoder", TextSource.Contrasted, SceneAggregation.Encoder),
        Full,
        FullAdapted,
    ];
}
