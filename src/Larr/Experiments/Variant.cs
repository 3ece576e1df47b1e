using System.Text.Json;
using Larr.Adapt;
using Larr.Align;
using Larr.Contrast;
using Larr.Embed;
using Larr.Model;

namespace Larr.Experiments;

/// <summary>What is varied by an ablation.</summary>
public enum AblationOf
{
    /// <summary>What of LARR is switched on, judged by the click model (<see cref="Setting"/>).</summary>
    Scene,

    /// <summary>Constructions and ingredients of contrast, judged by retrieval of held-out pairs.</summary>
    Contrast,

    /// <summary>Type and width of the stored vectors, judged by the click model.</summary>
    Vectors,

    /// <summary>Weight, temperature and masks of the alignment, judged by the click model.</summary>
    Align,

    /// <summary>Ways of adapting the click model to domains, IAK among them.</summary>
    Adapt,

    /// <summary>What the experiment file names under <c>ablate.variants</c>, judged by the click model.</summary>
    Variants,
}

/// <summary>One row of an ablation inside a stage: the experiment with one thing changed.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Change">The change.</param>
public sealed record Variant(string Name, Func<Experiment, Experiment> Change)
{
    static readonly ContrastConfig s_defaults = new();

    /// <summary>The experiment as it stands.</summary>
    public static Variant Baseline { get; } = new(Setting.BaselineName, e => e);

    /// <summary>
    /// Rows of <see cref="AblationOf.Contrast"/>: every kind of pairs at its default weight, each left out and alone, whatever kinds the experiment itself
    /// has; then each ingredient on or off.
    /// </summary>
    public static IReadOnlyList<Variant> OfContrast { get; } =
    [
        Baseline,
        Kinds("every kind", _ => true),
        .. Enum.GetValues<PairKind>().Select(kind => Kinds($"without {NameOf(kind)}", k => k != kind)),
        .. Enum.GetValues<PairKind>().Select(kind => Kinds($"{NameOf(kind)} alone", k => k == kind)),
        Contrast("learned temperature", c => c with { LearnTemperature = true }),
        Contrast("one direction", c => c with { Symmetric = false }),
        Contrast("log Q", c => c with { LogQ = true }),
        Contrast("false negatives masked", c => c with { FalseNegativeMargin = 0.1 }),
        Contrast("hard negatives", c => c with { HardNegatives = 2 }),
        Contrast("widths 48 and 96 too", c => c with { Widths = [48, 96] }),
        Contrast("generative loss", c => c with { Generative = 0.1 }),
        Contrast("bidirectional", c => c with { Attention = TextAttention.Bidirectional }),
        Contrast("last token", c => c with { Pooling = Pooling.LastToken }),
        Contrast("bidirectional, last token", c => c with { Attention = TextAttention.Bidirectional, Pooling = Pooling.LastToken }),
        Contrast("projection to 64", c => c with { Dimension = 64 }),
    ];

    /// <summary>Rows of <see cref="AblationOf.Vectors"/>: whole float32 vectors, then rounded and shortened ones.</summary>
    public static IReadOnlyList<Variant> OfVectors { get; } =
    [
        Baseline,
        Vectors("float16", e => e with { Quantize = Quantization.Float16 }),
        Vectors("int8", e => e with { Quantize = Quantization.Int8 }),
        Vectors("first 96", e => e with { Width = 96 }),
        Vectors("first 48", e => e with { Width = 48 }),
        new("first 48, contrast with widths", e => e with { Contrast = e.Contrast with { Widths = [48, 96] }, Embed = e.Embed with { Width = 48 } }),
    ];

    /// <summary>Rows of <see cref="AblationOf.Align"/>: numbers around the defaults.</summary>
    public static IReadOnlyList<Variant> OfAlign { get; } =
    [
        Baseline,
        Align("lambda 0.03", a => a with { Lambda = .03 }),
        Align("lambda 0.3", a => a with { Lambda = .3 }),
        Align("lambda 1", a => a with { Lambda = 1 }),
        Align("temperature 0.05", a => a with { Temperature = .05 }),
        Align("temperature 0.2", a => a with { Temperature = .2 }),
        Align("scenes not masked", a => a with { MaskScenes = false }),
        Align("signals not masked", a => a with { MaskSignals = false }),
        Align("no masks", a => a with { MaskScenes = false, MaskSignals = false }),
    ];

    /// <summary>Rows of <see cref="AblationOf.Adapt"/>: the pre-trained model, then each method on the same model and rows, then IAK without its parts.</summary>
    public static IReadOnlyList<Variant> OfAdapt { get; } =
    [
        Adapt("frozen", AdaptMethod.Frozen),
        Adapt("full fine-tuning", AdaptMethod.FineTuning),
        Adapt("per-domain bias", AdaptMethod.DomainBias),
        Adapt("LoRA", AdaptMethod.Lora),
        Adapt("bottleneck adapter", AdaptMethod.BottleneckAdapter),
        Adapt("STAR", AdaptMethod.Star),
        Adapt("PEPNet gate", AdaptMethod.PepNetGate),
        Adapt("IAK", AdaptMethod.Iak),
        Adapt("IAK without phase 1", AdaptMethod.Iak, a => a with { CompressionEpochs = 0 }),
        Adapt("IAK without KL", AdaptMethod.Iak, a => a with { Beta = 0 }),
    ];

    /// <summary>The row of an ablation inside a stage that the others are tested against.</summary>
    public static Variant BaselineOf(AblationOf of) => of == AblationOf.Adapt ? OfAdapt[0] : Baseline;

    /// <summary>All rows of an ablation inside a stage; the others are tested against the first.</summary>
    /// <param name="of">What is varied.</param>
    /// <param name="file">The experiment, for the rows that it names itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is no ablation inside a stage.</exception>
    /// <exception cref="Runs.InputException">The experiment's own rows are asked for, and there is none or one is wrong.</exception>
    public static IReadOnlyList<Variant> Of(AblationOf of, ExperimentFile file) => of switch
    {
        AblationOf.Contrast => OfContrast,
        AblationOf.Vectors => OfVectors,
        AblationOf.Align => OfAlign,
        AblationOf.Adapt => OfAdapt,
        AblationOf.Variants => FileVariants.Of(file),
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, "no stage's variants"),
    };

    /// <summary>The rows of these names; all where there is none.</summary>
    /// <exception cref="Runs.InputException">There is no row of a name, or it comes twice.</exception>
    public static IReadOnlyList<Variant> Choose(AblationOf of, ExperimentFile file, IReadOnlyList<string> names, string option, string place)
    {
        IReadOnlyList<Variant> all = Of(of, file);
        return names.Count == 0 ? all : RowNames.Choose(all, v => v.Name, BaselineOf(of), names, option, place);
    }

    static Variant Kinds(string name, Func<PairKind, bool> has)
    {
        double Weight(PairKind kind) => has(kind) ? s_defaults.Weight(kind) : 0;
        return Contrast(name, c => c with
        {
            UserUser = Weight(PairKind.UserUser),
            ItemItem = Weight(PairKind.ItemItem),
            UserItem = Weight(PairKind.UserItem),
            SceneItem = Weight(PairKind.SceneItem),
        });
    }

    static string NameOf(PairKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    static Variant Contrast(string name, Func<ContrastConfig, ContrastConfig> change) => new(name, e => e with { Contrast = change(e.Contrast) });

    static Variant Align(string name, Func<AlignConfig, AlignConfig> change) => new(name, e => e with { Align = change(e.Align) });

    static Variant Vectors(string name, Func<EmbedConfig, EmbedConfig> change) => new(name, e => e with { Embed = change(e.Embed) });

    static Variant Adapt(string name, AdaptMethod method, Func<AdaptConfig, AdaptConfig>? change = null) =>
        new(name, e => e with { Adapt = (change ?? (a => a))(e.Adapt with { Method = method }) });
}
