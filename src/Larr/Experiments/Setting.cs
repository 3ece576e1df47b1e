using Larr.Align;
using Larr.Data;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>Which language model the scene values' vectors come from.</summary>
public enum TextSource
{
    /// <summary>The checkpoint as it came: mean of its hidden states.</summary>
    Base,

    /// <summary>After continual pre-training on the corpus: mean of its hidden states.</summary>
    Pretrained,

    /// <summary>After contrastive fine-tuning, pooled as it says.</summary>
    Contrasted,
}

/// <summary>One row of an ablation: what of LARR is switched on.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Text">Where the vectors come from; null: no text.</param>
/// <param name="Scene">How a scene's vectors become one; null: as the experiment says.</param>
/// <param name="Aligned">Whether the alignment loss is on and the encoder starts from the align stage.</param>
/// <param name="Adapted">Whether adaptive kernels are trained on top.</param>
/// <param name="SceneIds">Whether the scene's values are features as identifiers too.</param>
/// <param name="Use">What the click model does with the scene vector; null: as the experiment says.</param>
/// <param name="Signal">What the scene vector is aligned to; null: as the experiment says.</param>
/// <param name="Masks">Whether the alignment leaves false negatives out; null: as the experiment says.</param>
/// <param name="Texts">Whether text vectors of items and users are features too.</param>
public sealed record Setting(
    string Name, TextSource? Text = null, SceneAggregation? Scene = SceneAggregation.None, bool Aligned = false, bool Adapted = false, bool SceneIds = true,
    SceneUse? Use = null, CollaborativeSignal? Signal = null, bool? Masks = null, bool Texts = false)
{
    /// <summary>Name of the row that the others are tested against.</summary>
    public const string BaselineName = "baseline";

    /// <summary>All features as identifiers, those of the scene included: the strong model without text.</summary>
    public static Setting Baseline { get; } = new(BaselineName);

    /// <summary>LARR without adaptation.</summary>
    public static Setting Full { get; } = new("+ alignment", TextSource.Contrasted, Scene: null, Aligned: true);

    /// <summary>LARR with the text vectors of items and users as features too, which tell of those that training never saw.</summary>
    public static Setting FullTexts { get; } = Full with { Name = "+ item and user text", Texts = true };

    /// <summary>LARR as far as an experiment's data go: <see cref="FullTexts"/> where there are texts of items.</summary>
    public static Setting Whole(Experiment experiment) => Has(experiment, FieldRole.Text) ? FullTexts : Full;

    /// <summary>All that with adaptive kernels.</summary>
    public static Setting FullAdapted { get; } = FullTexts with { Name = "+ IAK", Adapted = true };

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
        FullTexts,
        FullAdapted,
    ];

    /// <summary>What else one could do at one place of the whole; each differs from <see cref="Full"/> in what its name says.</summary>
    public static IReadOnlyList<Setting> Alternatives { get; } =
    [
        Full with { Name = "aggregation: mean pooling", Scene = SceneAggregation.MeanPool },
        Full with { Name = "aggregation: concatenation and MLP", Scene = SceneAggregation.ConcatMlp },
        Full with { Name = "aggregation: attention pooling", Scene = SceneAggregation.AttentionPool },
        Full with { Name = "aggregation: whole scene text", Scene = SceneAggregation.WholeText },
        Full with { Name = "alignment: none", Aligned = false },
        Full with { Name = "alignment: to the item", Signal = CollaborativeSignal.Item },
        Full with { Name = "alignment: to the user", Signal = CollaborativeSignal.User },
        Full with { Name = "alignment: to user and item", Signal = CollaborativeSignal.UserAndItem },
        Full with { Name = "alignment: without masks", Masks = false },
        Full with { Name = "alignment only", Use = SceneUse.AlignmentOnly },
        Full with { Name = "scene as a gate", Use = SceneUse.Gate },
        Full with { Name = "scene as a field and a gate", Use = SceneUse.FieldAndGate },
        Baseline with { Name = "item and user text alone", Text = TextSource.Contrasted, Texts = true },
    ];

    /// <summary>Every row that an ablation can have.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Ablation, .. Alternatives];

    /// <summary>The settings of these names, in their order, with the baseline first where it is not among them.</summary>
    /// <param name="names">Names of <see cref="All"/>.</param>
    /// <param name="file">File or option that names them, for messages.</param>
    /// <param name="place">Place in it.</param>
    /// <exception cref="InputException">There is no setting of a name, or it comes twice.</exception>
    public static IReadOnlyList<Setting> Choose(IReadOnlyList<string> names, string file, string place) => RowNames.Choose(All, s => s.Name, Baseline, names, file, place);

    /// <summary>The rows that an experiment's data allow: without a domain field there is nothing to adapt to, and without a text field there are no texts of items.</summary>
    public static IReadOnlyList<Setting> Possible(IReadOnlyList<Setting> rows, Experiment experiment) =>
    [
        .. rows.Where(s => !s.Adapted || Has(experiment, FieldRole.Domain))
            .Where(s => !s.Texts || s.Adapted || Has(experiment, FieldRole.Text))
            .Select(s => s with { Texts = s.Texts && Has(experiment, FieldRole.Text) }),
    ];

    static bool Has(Experiment experiment, FieldRole role) => experiment.Data.Fields.Any(f => f.Role == role);

    /// <summary>Aggregation and alignment under this setting.</summary>
    public AlignConfig Apply(AlignConfig align) => align with
    {
        Scene = Scene ?? align.Scene,
        Lambda = Aligned ? align.Lambda : 0,
        Use = Use ?? align.Use,
        Signal = Signal ?? align.Signal,
        MaskScenes = Masks ?? align.MaskScenes,
        MaskSignals = Masks ?? align.MaskSignals,
    };
}
