using Larr.Corpus;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>
/// LARR's first stage (arXiv 2408.11523): continual pre-training of a language model on documents of the recommender's domain,
/// their segments opened by special tokens. Loss, learning rate and number of steps are our own choices.
/// </summary>
public static class PretrainStage
{
    /// <summary>Changes when the same inputs give another result.</summary>
    public const int Version = 3;

    /// <summary>Name of the model's folder in the stage's folder.</summary>
    public const string ModelFolder = "model";

    /// <summary>Name of the folder of low-rank changes, where there are any.</summary>
    public const string AdapterFolder = "adapter";

    /// <summary>Trains and writes <c>model/</c>, <c>curve.csv</c> and <c>report.json</c>.</summary>
    /// <param name="config">The training.</param>
    /// <param name="baseFolder">Hugging Face folder of the model to start from.</param>
    /// <param name="corpusFile">Documents, one per line.</param>
    /// <param name="heldOutFile">Documents that are not trained on, one per line.</param>
    /// <param name="specialTokens">Token → its description; those that the model does not know yet are added.</param>
    /// <param name="targetTokens">Those that open target segments.</param>
    /// <param name="context">Where to write and resume.</param>
    /// <exception cref="InputException">A file is missing or malformed, or targets alone are to be predicted and no document has one.</exception>
    public static PretrainReport Run(
        PretrainConfig config, string baseFolder, string corpusFile, string heldOutFile, IReadOnlyDictionary<string, string> specialTokens,
        IReadOnlyList<string> targetTokens, StageContext context)
    {
        List<string> documents = Documents.Read(corpusFile), heldOut = Documents.Read(heldOutFile);
        (Decoder decoder, TextTokenizer tokenizer) = HuggingFaceFolder.Load(baseFolder);
        using Decoder owned = decoder;
        IReadOnlyList<string> added = SpecialTokenInit.Add(
            decoder, tokenizer, specialTokens.OrderBy(t => t.Key, StringComparer.Ordinal).ToDictionary(), EmbedToken.Text, context.Seed);
        Documents.RequireFit(corpusFile, documents, tokenizer, decoder.Config.MaxLength);
        return Train(config, decoder, tokenizer, new Texts(documents, heldOut, specialTokens.Keys, targetTokens, added, Path.GetFileName(Path.TrimEndingDirectorySeparator(baseFolder))), context);
    }

    /// <summary>What a training reads.</summary>
    /// <param name="Documents">Texts to train on.</param>
    /// <param name="HeldOut">Texts to measure on.</param>
    /// <param name="SegmentTokens">Tokens that open a segment.</param>
    /// <param name="TargetTokens">Those of them that open a target segment.</param>
    /// <param name="Added">Those that the model did not know before.</param>
    /// <param name="BaseModel">Name of the model that is trained.</param>
    internal sealed record Texts(
        IReadOnlyList<string> Documents, IReadOnlyList<string> HeldOut, IEnumerable<string> SegmentTokens, IReadOnlyList<string> TargetTokens,
        IReadOnlyList<string> Added, string BaseModel);

    /// <summary>Measures, trains, measures, and writes.</summary>
    internal static PretrainReport Train(PretrainConfig config, Decoder decoder, TextTokenizer tokenizer, Texts texts, StageContext context)
    {
        if (config.Length > decoder.Config.MaxLength) throw new InputException("pretrain", "length", $"{config.Length}", $"at most {decoder.Config.MaxLength}, the longest text that the model reads");
        if (config.TargetOnly && !texts.Documents.Any(d => texts.TargetTokens.Any(t => d.Contains(t, StringComparison.Ordinal))))
            throw new InputException("pretrain", "targetOnly", "true", "documents with a text field that is a target (\"target\": true)");
        decoder.Compute = config.Compute.Type();
        (List<string> replay, List<string> general) = Replay(config);
        Perplexity before = Measure(texts.HeldOut);
        Perplexity? generalBefore = general.Count > 0 ? Measure(general) : null;
        context.Report($"held-out {before.BitsPerByte:F3} bits per byte before{(generalBefore is null ? "" : $", general {generalBefore.BitsPerByte:F3}")}");
        if (config.LowRank is not null) LowRankAdapter.Add(decoder, config.LowRank, context.Seed);
        HashSet<int>? wanted = config.TargetOnly ? [.. texts.TargetTokens.Select(tokenizer.Id)] : null;
        var targets = new TargetSegments(wanted, texts.SegmentTokens.Select(tokenizer.Id).ToHashSet());
        TrainingFigures figures = CausalTraining.Run(decoder, tokenizer, texts.Documents, replay, [.. texts.Added.Select(tokenizer.Id)], targets, config, context);
        if (config.LowRank is not null)
        {
            LowRankAdapter.Save(decoder, config.LowRank, texts.BaseModel, texts.Added.Count > 0, context.File(AdapterFolder));
            LowRankAdapter.Merge(decoder);
        }
        Perplexity after = Measure(texts.HeldOut);
        Perplexity? generalAfter = general.Count > 0 ? Measure(general) : null;
        context.Report($"held-out {after.BitsPerByte:F3} bits per byte after{(generalAfter is null ? "" : $", general {generalAfter.BitsPerByte:F3}")}", 1);
        HuggingFaceFolder.Save(decoder, tokenizer, context.File(ModelFolder), config.Stored == StoredType.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        Dictionary<string, Tensor> weights = decoder.state_dict();
        var report = new PretrainReport
        {
            Before = before,
            After = after,
            GeneralBefore = generalBefore,
            GeneralAfter = generalAfter,
            CutDocuments = figures.CutDocuments,
            Steps = config.Steps,
            TokensPerSecond = figures.TokensPerSecond,
            TrainedParameters = figures.TrainedParameters,
            Parameters = HuggingFaceNames.Table(decoder.Config).Sum(n => weights[n.Ours].numel()),
            AddedTokens = texts.Added,
            Seed = context.Seed,
        };
        context.WriteReport(report);
        Checkpoint.Clear(context.Folder);
        return report;

        Perplexity Measure(IEnumerable<string> documents) => Perplexity.Of(decoder, tokenizer, documents, config.Length, config.MicroBatchTokens);
    }

    /// <summary>General texts to train on and to measure on.</summary>
    static (List<string> Replay, List<string> HeldOut) Replay(PretrainConfig config)
    {
        if (config.ReplayFile is null) return ([], []);
        ILookup<bool, string> sides = Documents.Read(config.ReplayFile).ToLookup(d => HeldOut.Holds(d, config.ReplayHeldOutShare));
        return ([.. sides[false]], [.. sides[true].Take(config.MaxReplayHeldOut)]);
    }
}
