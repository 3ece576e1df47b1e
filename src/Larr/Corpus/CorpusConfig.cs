using Larr.Runs;

namespace Larr.Corpus;

/// <summary>Which documents continual pre-training reads (LARR stage 1, arXiv 2408.11523; kinds beyond the items, and all caps, are our choice).</summary>
public sealed record CorpusConfig
{
    /// <summary>Item documents: name and place, then category, description, menu. Default: on.</summary>
    public bool Items { get; init; } = true;

    /// <summary>User documents: text fields and persona. Default: on.</summary>
    public bool Users { get; init; } = true;

    /// <summary>Scene documents: every value with what stands out among its clicks, and sampled scene sentences. Default: on.</summary>
    public bool Scenes { get; init; } = true;

    /// <summary>Behaviour documents: a scene and the item clicked in it. Default: on.</summary>
    public bool Behaviours { get; init; } = true;

    /// <summary>Most item documents. Default: 50,000.</summary>
    public int MaxItems { get; init; } = 50_000;

    /// <summary>Most user documents. Default: 10,000.</summary>
    public int MaxUsers { get; init; } = 10_000;

    /// <summary>Most scene sentences. Default: 2,000.</summary>
    public int MaxScenes { get; init; } = 2_000;

    /// <summary>Most behaviour documents. Default: 20,000.</summary>
    public int MaxBehaviours { get; init; } = 20_000;

    /// <summary>Most scene fields in one sentence, so that a document stays short. Default: 4.</summary>
    public int FieldsPerSentence { get; init; } = 4;

    /// <summary>Most phrases in a persona. Default: 5.</summary>
    public int PersonaPhrases { get; init; } = 5;

    /// <summary>Share of the items whose documents are held out, to measure perplexity. Default: .05.</summary>
    public double HeldOutShare { get; init; } = 0.05;

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("corpus");
        ranges.AtLeast(0, MaxItems, "maxItems");
        ranges.AtLeast(0, MaxUsers, "maxUsers");
        ranges.AtLeast(0, MaxScenes, "maxScenes");
        ranges.AtLeast(0, MaxBehaviours, "maxBehaviours");
        ranges.AtLeast(1, FieldsPerSentence, "fieldsPerSentence");
        ranges.AtLeast(0, PersonaPhrases, "personaPhrases");
        ranges.ShareBelowOne(HeldOutShare, "heldOutShare");
    }
}
