using Larr.Adapt;
using Larr.Align;
using Larr.Contrast;
using Larr.Corpus;
using Larr.Ctr;
using Larr.Data;
using Larr.Embed;
using Larr.Index;
using Larr.Pretrain;
using Larr.Runs;
using Larr.Simulate;

namespace Larr.Experiments;

/// <summary>The whole of an experiment file: one record per stage, every default on its line.</summary>
public sealed record Experiment
{
    /// <summary>Name of the experiment, for headings.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the stages up to the index. The CTR models take theirs from <see cref="Seeds"/>.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Seeds of alignment, CTR and adaptation: each row of a result is the mean over them.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Folder of the Hugging Face checkpoint to start from, relative to the experiment file. Default: the small model that comes with LARR.</summary>
    public string? Base { get; init; }

    /// <summary>The simulated city that the data come from. Default: none, the sources are the user's own.</summary>
    public CityConfig? Simulate { get; init; }

    /// <summary>Sources, view, fields and split.</summary>
    public required DataConfig Data { get; init; }

    /// <summary>Documents for pre-training.</summary>
    public CorpusConfig Corpus { get; init; } = new();

    /// <summary>Continual pre-training.</summary>
    public PretrainConfig Pretrain { get; init; } = new();

    /// <summary>Contrastive fine-tuning into an embedder.</summary>
    public ContrastConfig Contrast { get; init; } = new();

    /// <summary>Embedding of the scene values.</summary>
    public EmbedConfig Embed { get; init; } = new();

    /// <summary>The index of their vectors.</summary>
    public IndexConfig Index { get; init; } = new();

    /// <summary>Aggregation encoder and alignment.</summary>
    public AlignConfig Align { get; init; } = new();

    /// <summary>The click model.</summary>
    public CtrConfig Ctr { get; init; } = new();

    /// <summary>Adaptation to domains.</summary>
    public AdaptConfig Adapt { get; init; } = new();

    /// <summary>Rows of an ablation.</summary>
    public AblateConfig Ablate { get; init; } = new();

    /// <summary>Checks values that no type can, before a stage is run.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        InputException.Require(Seeds.Count > 0 && Seeds.Distinct().Count() == Seeds.Count, "seeds", $"[{string.Join(", ", Seeds)}]", "one seed or more, none twice: the intervals are over them");
        Corpus.Validate();
        Pretrain.Validate();
        Contrast.Validate();
        Embed.Validate();
        Index.Validate();
        Align.Validate();
        Ctr.Validate();
        Adapt.Validate();
    }
}
