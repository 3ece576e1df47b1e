using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// Rows of new special tokens: the mean of the rows of their description's tokens, plus a random vector a tenth as long as a
/// typical row, so that tokens with the same description differ (the noise's scale is our own choice). Rows are found by
/// token id, because an embedding padded beyond the vocabulary has new tokens in the middle, not at its end.
/// </summary>
public static class SpecialTokenInit
{
    const double NoiseShare = 0.1;

    /// <summary>Sets the rows of the embedding and of a free head.</summary>
    /// <param name="decoder">Has rows for all ids (see <see cref="Decoder.Resize"/>).</param>
    /// <param name="tokenizer">Knows the tokens.</param>
    /// <param name="tokenDescriptions">New token → what it means in words.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <exception cref="ArgumentException">A description is empty, or has none but new tokens.</exception>
    public static void Apply(Decoder decoder, TextTokenizer tokenizer, IReadOnlyDictionary<string, string> tokenDescriptions, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        HashSet<int> fresh = [.. tokenDescriptions.Keys.Select(tokenizer.Id)];
        Tensor[] tables = decoder.Config.TiedHead ? [decoder.EmbeddingWeight] : [decoder.EmbeddingWeight, decoder.HeadWeight];
        long[] known = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => !fresh.Contains(id)).Select(id => (long)id)];
        foreach (Tensor table in tables)
        {
            double length = table.index_select(0, tensor(known, device: table.device)).square().sum(1).mean().sqrt().item<float>();
            foreach ((string token, string description) in tokenDescriptions.OrderBy(t => t.Key, StringComparer.Ordinal))
            {
                long[] words = [.. tokenizer.Encode(description).Where(id => !fresh.Contains(id)).Select(id => (long)id)];
                if (words.Length == 0) throw new ArgumentException($"token {token}: its description \"{description}\" has no known token");
                Tensor noise = randn(table.size(1), generator: generator).to(table.device) * (NoiseShare * length / Math.Sqrt(table.size(1)));
                table[tokenizer.Id(token)] = table.index_select(0, tensor(words, device: table.device)).mean([0]) + noise;
            }
        }
    }
}
