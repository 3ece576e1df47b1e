using Larr.Model;
using Larr.Pretrain;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// The generative auxiliary loss: next-token loss on the target segments of item texts (category and menu) while contrast trains, so that the model does not
/// forget what items are. It reads no vector of the batch, so it is a loss of its own beside InfoNCE: the gradient of the sum is the same with
/// <see cref="GradCache"/> and without. Our choice: the paper (arXiv 2408.11523) trains the two in separate stages.
/// </summary>
sealed class GenerativeLoss
{
    const int Longest = 256;

    readonly Decoder decoder;
    readonly RowStream stream;
    readonly TargetSegments targets;
    readonly int rows;
    readonly double weight;

    /// <summary>A loss over item texts.</summary>
    /// <param name="decoder">The language model in training.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="itemTexts">Texts of items that are not held out.</param>
    /// <param name="segments">All tokens that open a segment.</param>
    /// <param name="config">Weight, tokens of a step, tokens that open target segments.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <exception cref="InputException">No item text has a token to predict.</exception>
    public GenerativeLoss(Decoder decoder, TextTokenizer tokenizer, IEnumerable<string> itemTexts, IEnumerable<string> segments, ContrastConfig config, int seed)
    {
        this.decoder = decoder;
        weight = config.Generative;
        HashSet<int> opening = [.. config.GenerativeSegments.Where(tokenizer.Has).Select(tokenizer.Id)];
        targets = new TargetSegments(opening, segments.Where(tokenizer.Has).Select(tokenizer.Id).ToHashSet());
        int[][] texts = [.. itemTexts.Distinct().Select(tokenizer.Encode).Where(t => t.Any(opening.Contains))];
        if (texts.Length == 0)
            throw new InputException("experiment", "contrast.generativeSegments", string.Join(", ", config.GenerativeSegments), "tokens that open a segment of some item's text");
        var packed = new PackedRows(texts, Math.Min(Longest, decoder.Config.MaxLength), tokenizer.EndId);
        stream = new RowStream(packed, seed);
        rows = Math.Max(1, config.GenerativeTokens / packed.Length);
    }

    /// <summary>Weight times the mean of −log p over the predicted tokens of a step, a scalar; a function of seed and step, so a resumed run reads the same rows.</summary>
    public Tensor Of(long step)
    {
        using var scope = NewDisposeScope();
        PackedBatch batch = PackedBatch.Of(stream.Rows, stream.Take(step * rows, rows), targets, decoder.EmbeddingWeight.device);
        double predicted = Math.Max(1, batch.Next.ne(TargetSegments.Ignored).sum().item<long>());
        Tensor hidden = decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1); // [B·T,D]
        return (weight * ChunkedCrossEntropy.Loss(hidden, decoder.HeadWeight, batch.Next, predicted, decoder.Compute)).MoveToOuterDisposeScope();
    }
}
