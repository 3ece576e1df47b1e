using System.Diagnostics;
using System.Text.Json;
using Larr.Corpus;
using Larr.Data;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Larr.Train;

namespace Larr.Contrast;

/// <summary>
/// Turns the pre-trained language model into a text embedder (LARR stage 2, arXiv 2408.11523). Writes the encoder's folder <c>encoder/</c>,
/// <c>curve.csv</c> and <c>report.json</c>. An interrupted run goes on from its last checkpoint.
/// </summary>
public static class ContrastStage
{
    /// <summary>Changes when the stage's output for the same input changes.</summary>
    public const int Version = 8;

    /// <summary>Trains on pairs mined from the training part of <paramref name="table"/>.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="table">The impressions.</param>
    /// <param name="corpusFolder">What the Corpus stage wrote: texts of items and users, special tokens.</param>
    /// <param name="modelFolder">Hugging Face folder of the language model; special tokens it lacks are added.</param>
    /// <param name="context">Where to write.</param>
    /// <exception cref="InputException">An input folder is incomplete, or no pair can be mined.</exception>
    public static ContrastReport Run(ContrastConfig config, ImpressionTable table, string corpusFolder, string modelFolder, StageContext context)
    {
        config.Validate();
        context.Report("mining pairs");
        var source = new PairSource(table, corpusFolder, config, context.Seed);
        PairSet[] sets = [.. Mine(source, heldOut: false).Where(s => config.Weight(s.Kind) > 0 && s.Pairs.Count > 0)];
        if (sets.Length == 0) throw new InputException("the impression table", "the training part", "no pair of positives", "clicks from which pairs can be mined");
        Dictionary<PairKind, (int, int)[]> heldOut = Mine(source, heldOut: true).ToDictionary(s => s.Kind, s => Sample(s, config.MaxHeldOutPairs, context.Seed));

        RankedImpressions ranked = RankedImpressions.Of(source);

        (Decoder decoder, TextTokenizer tokenizer) = HuggingFaceFolder.Load(modelFolder);
        SpecialTokenInit.Add(decoder, tokenizer, CorpusStage.ReadTexts(corpusFolder, "special-tokens.json"), EmbedToken.Text, context.Seed);
        decoder.Compute = ContrastTraining.Type(config, context); // a resumed run multiplies as it began
        int[][] plain = [.. source.Pool.Texts.Select(tokenizer.Encode)];
        int[] measured = [.. heldOut.Values.SelectMany(p => p).SelectMany(p => (int[])[p.Item1, p.Item2]).Union(ranked.Texts)];

        Dictionary<PairKind, PairHealth> health = sets.ToDictionary(set => set.Kind,
            set => PairDoctor.Examine(set, heldOut[set.Kind], config.Batch, t => plain[t].Length >= config.MaxTokens));
        foreach ((PairKind kind, PairHealth found) in health)
            foreach (string warning in found.Warnings) context.Report($"warning: {kind} pairs: {warning}");

        context.Report("retrieval before training");
        var frozen = new BatchEncoder(new TextEncoder(decoder, Pooling.Mean, dimension: null, context.Seed), Cut(plain, config.MaxTokens, end: null));
        Dictionary<int, float[]> vectorsBefore = frozen.Vectors(measured, context.Cancel);

        using var model = new ContrastModel(new TextEncoder(decoder, config.Pooling, config.Dimension, context.Seed, config.Attention), config);
        config.ValidateWidths(model.encoder.Dimension);
        int? end = config.Pooling == Pooling.LastToken ? tokenizer.Id(EmbedToken.Text) : null;
        var texts = new BatchEncoder(model.encoder, Cut(plain, config.MaxTokens, end));
        var clock = Stopwatch.StartNew();
        IReadOnlyList<string> warnings = ContrastTraining.Run(model, texts, sets, GenerativeLoss.Of(config, corpusFolder, SpecialTokens.Targets(table.Fields), decoder, tokenizer, context.Seed), config, context);
        (double seconds, long tokens) = (clock.Elapsed.TotalSeconds, texts.Tokens);

        context.Report("retrieval after training");
        Dictionary<int, float[]> vectorsAfter = texts.Vectors(measured, context.Cancel);
        model.encoder.Save(context.File("encoder"), tokenizer);
        var report = new ContrastReport(
            heldOut.Keys.Where(k => heldOut[k].Length > 0 || health.ContainsKey(k)).ToDictionary(k => JsonNamingPolicy.CamelCase.ConvertName($"{k}"), Kind),
            ranked.Measure(t => vectorsBefore[t]), ranked.Measure(t => vectorsAfter[t]),
            plain.Length, plain.Count(t => t.Length + (end is null ? 0 : 1) > config.MaxTokens), config.Steps, tokens, seconds, warnings);
        context.WriteReport(report);
        Checkpoint.Clear(context.Folder);
        return report;

        PairKindReport Kind(PairKind kind)
        {
            (int, int)[] pairs = heldOut[kind];
            return new(sets.FirstOrDefault(s => s.Kind == kind)?.Pairs.Count ?? 0, health.GetValueOrDefault(kind), model.TemperatureNow(kind),
                Retrieval.Measure(pairs, t => vectorsBefore[t]), Retrieval.Measure(pairs, t => vectorsAfter[t]),
                NearestTexts.Of(pairs, source.Pool.Texts, t => vectorsBefore[t], t => vectorsAfter[t]));
        }
    }

    // Kinds that are not trained on are mined as well: what training does to them is measured.
    static IEnumerable<PairSet> Mine(PairSource source, bool heldOut) =>
        [UserUserPairs.Mine(source, heldOut), ItemItemPairs.Mine(source, heldOut), UserItemPairs.Mine(source, heldOut), SceneItemPairs.Mine(source, heldOut)];

    /// <summary>The clearest pairs; among equals a sample.</summary>
    static (int, int)[] Sample(PairSet set, int most, int seed)
    {
        Pair[] pairs = [.. set.Pairs.DistinctBy(p => (p.Left, p.Right))];
        new Random(seed).Shuffle(pairs);
        return [.. pairs.OrderByDescending(p => p.Weight).Take(most).Select(p => (p.Left, p.Right))];
    }

    static int[][] Cut(int[][] texts, int most, int? end) =>
        [.. texts.Select(t => end is { } token ? (int[])[.. t.Take(most - 1), token] : [.. t.Take(most)])];
}
