using Larr.Corpus;
using Larr.Model;
using Larr.Pretrain;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// Keeps the language model at its task while contrast moves its vectors: each step it also predicts the target segments (category, menu …) of some rows of the
/// corpus, as in pre-training. Contrast alone may forget whatever does not tell its pairs apart. Our own choice; LARR (arXiv 2408.11523) has none.
/// </summary>
sealed class GenerativeLoss
{
    const int RowLength = 128;

    readonly Decoder decoder;
    readonly RowStream stream;
    readonly TargetSegments targets;
    readonly double weight;
    readonly int rows;

    GenerativeLoss(Decoder decoder, RowStream stream, TargetSegments targets, double weight, int rows) =>
        (this.decoder, this.stream, this.targets, this.weight, this.rows) = (decoder, stream, targets, weight, rows);

    /// <summary>The loss over the corpus in <paramref name="corpusFolder"/>, on every token where there are no targets; null where its weight is 0.</summary>
    public static GenerativeLoss? Of(ContrastConfig config, string corpusFolder, IReadOnlyList<string> targetTokens, Decoder decoder, TextTokenizer tokenizer, int seed)
    {
        if (config.Generative == 0) return null;
        List<string> documents = Documents.Read(Path.Combine(corpusFolder, "documents.txt"));
        int[] segments = [.. CorpusStage.ReadTexts(corpusFolder, "special-tokens.json").Keys.Where(tokenizer.Has).Select(tokenizer.Id)];
        int[] wanted = [.. targetTokens.Where(tokenizer.Has).Select(tokenizer.Id)];
        return Of(config, documents.Select(tokenizer.Encode), new TargetSegments(wanted.Length == 0 ? null : wanted.ToHashSet(), segments.ToHashSet()), decoder, tokenizer.EndId, seed);
    }

    /// <summary>The same over documents given as ids.</summary>
    public static GenerativeLoss Of(ContrastConfig config, IEnumerable<int[]> documents, TargetSegments targets, Decoder decoder, int endId, int seed)
    {
        int length = Math.Min(RowLength, decoder.Config.MaxLength);
        return new(decoder, new RowStream(new PackedRows(documents, length, endId), seed), targets, config.Generative, Math.Max(1, config.GenerativeTokens / length));
    }

    /// <summary>The weighted mean loss of the rows of a step, a scalar, 0 where they have nothing to predict. Differentiated beside the contrastive losses.</summary>
    public Tensor At(long step)
    {
        PackedBatch batch = PackedBatch.Of(stream.Rows, stream.Take(step * rows, rows), targets, decoder.EmbeddingWeight.device);
        double predicted = Math.Max(1, batch.Next.ne(TargetSegments.Ignored).sum().item<long>());
        Tensor hidden = decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1); // [B·T,D]
        return weight * ChunkedCrossEntropy.Loss(hidden, decoder.HeadWeight, batch.Next, predicted, decoder.Compute);
    }
}
