using Larr.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>How well a model predicts held-out documents. Each document's first token is given, not predicted.</summary>
/// <param name="BitsPerByte">Bits per UTF-8 byte predicted, the end token counting as one byte; comparable between tokenisers.</param>
/// <param name="PerToken">e to the mean loss in nats: the perplexity; comparable within one tokeniser.</param>
/// <param name="Tokens">Tokens predicted.</param>
public sealed record Perplexity(double BitsPerByte, double PerToken, long Tokens)
{
    /// <summary>Measures a model on documents.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="documents">Held-out texts.</param>
    /// <param name="length">Tokens of one row; longer documents are cut.</param>
    /// <param name="batchTokens">Tokens computed at once.</param>
    public static Perplexity Of(Decoder decoder, TextTokenizer tokenizer, IEnumerable<string> documents, int length, int batchTokens = 8192)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rows = new PackedRows(documents.Select(tokenizer.Encode), length, tokenizer.EndId);
        var everything = new TargetSegments(null, new HashSet<int>());
        var sizes = new int[tokenizer.VocabularySize];
        for (int id = 0; id < sizes.Length; id++) sizes[id] = id == tokenizer.EndId ? 1 : tokenizer.Size(id);
        double nats = 0;
        long tokens = 0, bytes = 0;
        foreach (int[] chosen in Enumerable.Range(0, rows.Count).Chunk(Math.Max(1, batchTokens / length)))
        {
            using var batchScope = NewDisposeScope();
            PackedBatch batch = PackedBatch.Of(rows, chosen, everything, decoder.EmbeddingWeight.device);
            Tensor hidden = decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1);
            nats += ChunkedCrossEntropy.Sum(hidden, decoder.HeadWeight, batch.Next, decoder.Compute);
            foreach (long id in batch.Next.cpu().data<long>())
            {
                if (id == TargetSegments.Ignored) continue;
                tokens++;
                bytes += sizes[id];
            }
        }
        return new Perplexity(nats / Math.Log(2) / Math.Max(1, bytes), Math.Exp(nats / Math.Max(1, tokens)), tokens);
    }
}
