using Larr.Runs;
using Larr.Tokens;

namespace Larr.Export;

/// <summary>The tokenizer as llama.cpp reads it: tokens, their kinds, merges or scores, special ids and the name of the pre-tokenizer.</summary>
/// <remarks>llama.cpp brings no text to Unicode's composed form; where the tokenizer does, the two differ on texts that are not composed.</remarks>
public static class GgufTokenizer
{
    const string Key = "tokenizer.ggml.", Unknown = "<unk>";

    /// <summary>llama.cpp's names of the pre-tokenizers and the patterns in tokenizer.json that they stand for.</summary>
    static readonly (string Name, string[] Patterns)[] s_preTokenizers =
    [
        ("gpt-2", [WordSplit.Gpt2]),
        ("smollm", [@"\p{N}", WordSplit.Gpt2]),
        ("llama-bpe", [WordSplit.Llama3]),
        ("qwen2", [WordSplit.Qwen2]),
    ];

    /// <summary>The pre-tokenizers that can be written and read.</summary>
    internal static IEnumerable<string> PreTokenizers => s_preTokenizers.Select(p => p.Name);

    /// <summary>The patterns of a pre-tokenizer; null of one that is not known here.</summary>
    internal static IReadOnlyList<string>? PatternsOf(string preTokenizer) => s_preTokenizers.FirstOrDefault(p => p.Name == preTokenizer).Patterns;

    /// <summary>The keys of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="rows">Rows of the model's embedding table; those beyond the tokenizer's become unused tokens.</param>
    /// <exception cref="InputException">llama.cpp knows no such pre-tokenizer.</exception>
    public static IEnumerable<KeyValuePair<string, object>> Of(TextTokenizer tokenizer, int rows)
    {
        TokenizerJson json = tokenizer.Json;
        string[] tokens = [.. Enumerable.Range(0, rows).Select(id => $"[PAD{id}]")];
        int[] kinds = [.. Enumerable.Repeat((int)GgufTokenKind.Unused, rows)];
        foreach ((string token, int id) in json.Vocabulary) Set(id, token, GgufTokenKind.Normal);
        foreach (AddedToken token in json.AddedTokens) Set(token.Id, token.Content, token.Special ? GgufTokenKind.Control : GgufTokenKind.UserDefined);
        List<KeyValuePair<string, object>> values = json.Spaces is { } spaces ? SentencePiece(json, spaces, rows) : ByteLevel(json);
        if (json.Spaces is not null)
        {
            for (int b = 0; b < 256; b++) kinds[json.Vocabulary[SentencePieces.ByteToken((byte)b)]] = (int)GgufTokenKind.Byte;
            if (json.Vocabulary.TryGetValue(Unknown, out int unknown))
            {
                kinds[unknown] = (int)GgufTokenKind.Unknown;
                values.Add(new(Key + "unknown_token_id", (uint)unknown));
            }
        }
        values.Add(new(Key + "tokens", tokens));
        values.Add(new(Key + "token_type", kinds));
        values.Add(new(Key + "bos_token_id", (uint)(tokenizer.BeginId ?? tokenizer.EndId)));
        values.Add(new(Key + "eos_token_id", (uint)tokenizer.EndId));
        values.Add(new(Key + "add_bos_token", tokenizer.BeginId is not null));
        return values;

        void Set(int id, string token, GgufTokenKind kind) => (tokens[id], kinds[id]) = (token, (int)kind);
    }

    static List<KeyValuePair<string, object>> ByteLevel(TokenizerJson json) =>
    [
        new(Key + "model", "gpt2"),
        new(Key + "pre", PreTokenizer(json)),
        new(Key + "merges", json.Merges.Select(m => $"{m.Left} {m.Right}").ToArray()),
    ];

    /// <summary>A token's score is the negative rank of its first merge: llama.cpp merges the pair whose result scores highest.</summary>
    static List<KeyValuePair<string, object>> SentencePiece(TokenizerJson json, SpaceMarks spaces, int rows)
    {
        if (spaces.UnlessThere || spaces.Prefix == SpacePrefix.First)
            throw new InputException("tokenizer.json", "pre_tokenizer", "Metaspace with a prefix that depends on the text", "one that llama.cpp has: a space before every text, or before none");
        float[] scores = new float[rows];
        for (int rank = json.Merges.Count - 1; rank >= 0; rank--) scores[json.Vocabulary[json.Merges[rank].Left + json.Merges[rank].Right]] = -rank;
        return
        [
            new(Key + "model", "llama"),
            new(Key + "pre", "default"),
            new(Key + "scores", scores),
            new(Key + "add_space_prefix", spaces.Prefix != SpacePrefix.Never),
        ];
    }

    static string PreTokenizer(TokenizerJson json)
    {
        foreach ((string name, string[] patterns) in s_preTokenizers)
            if (json.Patterns.SequenceEqual(patterns)) return name;
        throw new InputException("tokenizer.json", "pre_tokenizer", string.Join(" then ", json.Patterns), "a pattern that llama.cpp knows: GPT-2's, SmolLM's, Llama 3's or Qwen 2's");
    }
}
