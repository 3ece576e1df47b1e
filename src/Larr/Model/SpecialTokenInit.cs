using Larr.Runs;
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

    /// <summary>
    /// Adds the tokens that the tokenizer does not know, with their rows, and returns them in the order given. Known tokens are kept where the
    /// checkpoint went through this before, which its knowing <paramref name="mark"/> tells; elsewhere they mean something else already.
    /// </summary>
    /// <param name="decoder">Gets rows for the new tokens.</param>
    /// <param name="tokenizer">Gets the new tokens.</param>
    /// <param name="tokenDescriptions">Token → what it means in words.</param>
    /// <param name="mark">A token that every checkpoint with such tokens has.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <exception cref="InputException">A token is there already, or is the end token.</exception>
    public static IReadOnlyList<string> Add(Decoder decoder, TextTokenizer tokenizer, IReadOnlyDictionary<string, string> tokenDescriptions, string mark, int seed)
    {
        bool ours = tokenizer.Has(mark);
        int end = tokenizer.EndId;
        foreach (string token in tokenDescriptions.Keys.Where(tokenizer.Has))
            if (!ours || tokenizer.Id(token) == end)
                throw new InputException(TextTokenizer.FileName, "added_tokens", $"{token}, which is there already", "a special token that the checkpoint does not have; give the field another \"token\"");
        Dictionary<string, string> added = tokenDescriptions.Where(d => !tokenizer.Has(d.Key)).ToDictionary();
        if (added.Count == 0) return [];
        tokenizer.AddSpecial(added.Keys);
        if (tokenizer.VocabularySize > decoder.Config.VocabularySize) decoder.Resize(tokenizer.VocabularySize);
        Apply(decoder, tokenizer, added, seed);
        return [.. added.Keys];
    }

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
