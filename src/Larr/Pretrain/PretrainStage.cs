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
    public const int Version = 1;

    /// <summary>Name of the model's folder in the stage's folder.</summary>
    public const string ModelFolder = "model";

    /// <summary>Trains and writes <c>model/</c>, <c>curve.csv</c> and <c>report.json</c>.</summary>
    /// <param name="config">The training.</param>
    /// <param name="baseFolder">Hugging Face folder of the model to start from.</param>
    /// <param name="corpusFile">Documents, one per line.</param>
    /// <param name="heldOutFile">Documents that are not trained on, one per line.</param>
    /// <param name="specialTokens">Token → its description; those that the model does not know yet are added.</param>
    /// <param name="context">Where to write and resume.</param>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static PretrainReport Run(
        PretrainConfig config, string baseFolder, string corpusFile, string heldOutFile, IReadOnlyDictionary<string, string> specialTokens, StageContext context)
    {
        List<string> documents = Documents.Read(corpusFile), heldOut = Documents.Read(heldOutFile);
        (Decoder decoder, TextTokenizer tokenizer) = HuggingFaceFolder.Load(baseFolder);
        using Decoder owned = decoder;
        IReadOnlyList<string> added = SpecialTokenInit.Add(
            decoder, tokenizer, specialTokens.OrderBy(t => t.Key, StringComparer.Ordinal).ToDictionary(), EmbedToken.Text, context.Seed);
        return Train(config, decoder, tokenizer, documents, heldOut, specialTokens.Keys, added, context);
    }

    /// <summary>Measures, trains, measures, and writes.</summary>
    internal static PretrainReport Train(
        PretrainConfig config, Decoder decoder, TextTokenizer tokenizer, List<string> documents, List<string> heldOut,
        IEnumerable<string> segmentTokens, IReadOnlyList<string> added, StageContext context)
    {
        if (config.Length > decoder.Config.MaxLength) throw new ArgumentException($"{nameof(config.Length)} {config.Length}; the model reads at most {decoder.Config.MaxLength} tokens");
        decoder.Compute = config.Compute.Type();
        Perplexity before = Perplexity.Of(decoder, tokenizer, heldOut, config.Length, config.MicroBatchTokens);
        context.Report($"held-out {before.BitsPerByte:F3} bits per byte before");
        HashSet<int> segments = [.. segmentTokens.Select(tokenizer.Id)];
        double rate = CausalTraining.Run(decoder, tokenizer, documents, config, segments, context);
        Perplexity after = Perplexity.Of(decoder, tokenizer, heldOut, config.Length, config.MicroBatchTokens);
        context.Report($"held-out {after.BitsPerByte:F3} bits per byte after", 1);
        HuggingFaceFolder.Save(decoder, tokenizer, context.File(ModelFolder), config.Stored == StoredType.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        var report = new PretrainReport
        {
            Before = before,
            After = after,
            Steps = config.Steps,
            TokensPerSecond = rate,
            Parameters = decoder.parameters().Sum(p => p.numel()),
            AddedTokens = added,
            Seed = context.Seed,
        };
        context.WriteReport(report);
        Checkpoint.Clear(context.Folder);
        return report;
    }
}
