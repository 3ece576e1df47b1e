using Larr.Runs;
using Larr.Tokens;

namespace Larr.Export;

/// <summary>The tokenizer as llama.cpp reads it: tokens, their kinds, merges, special ids and the name of the pre-tokenizer.</summary>
public static class GgufTokenizer
{
    enum Kind { Normal = 1, Control = 3, UserDefined = 4, Unused = 5 }

    const string ContractionsAndWords = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    const string SymbolsAndSpace = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>llama.cpp's names of the pre-tokenizers and the patterns in tokenizer.json that they stand for.</summary>
    static readonly (string Name, string[] Patterns)[] s_preTokenizers =
    [
        ("gpt-2", [RegexSplit.Gpt2]),
        ("smollm", [@"\p{N}", RegexSplit.Gpt2]),
        ("llama-bpe", [ContractionsAndWords + @"\p{N}{1,3}" + SymbolsAndSpace]),
        ("qwen2", [ContractionsAndWords + @"\p{N}" + SymbolsAndSpace]),
    ];

    /// <summary>The keys of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="rows">Rows of the model's embedding table; those beyond the tokenizer's become unused tokens.</param>
    /// <exception cref="InputException">llama.cpp knows no such pre-tokenizer.</exception>
    public static IEnumerable<KeyValuePair<string, object>> Of(TextTokenizer tokenizer, int rows)
    {
        TokenizerJson json = tokenizer.Json;
        string[] tokens = [.. Enumerable.Range(0, rows).Select(id => $"[PAD{id}]")];
        int[] kinds = [.. Enumerable.Repeat((int)Kind.Unused, rows)];
        foreach ((string token, int id) in json.Vocabulary) (tokens[id], kinds[id]) = (token, (int)Kind.Normal);
        foreach (AddedToken token in json.AddedTokens) (tokens[token.Id], kinds[token.Id]) = (token.Content, (int)(token.Special ? Kind.Control : Kind.UserDefined));
        yield return new("tokenizer.ggml.model", "gpt2");
        yield return new("tokenizer.ggml.pre", PreTokenizer(json));
        yield return new("tokenizer.ggml.tokens", tokens);
        yield return new("tokenizer.ggml.token_type", kinds);
        yield return new("tokenizer.ggml.merges", json.Merges.ToArray());
        yield return new("tokenizer.ggml.bos_token_id", (uint)tokenizer.EndId);
        yield return new("tokenizer.ggml.eos_token_id", (uint)tokenizer.EndId);
        yield return new("tokenizer.ggml.add_bos_token", false);
    }

    static string PreTokenizer(TokenizerJson json)
    {
        foreach ((string name, string[] patterns) in s_preTokenizers)
            if (json.Patterns.SequenceEqual(patterns)) return name;
        throw new InputException("tokenizer.json", "pre_tokenizer", string.Join(" then ", json.Patterns), "a pattern that llama.cpp knows: GPT-2's, SmolLM's, Llama 3's or Qwen 2's");
    }
}
