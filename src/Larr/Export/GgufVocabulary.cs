using Larr.Gguf;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Export;

/// <summary>The tokenizer of a GGUF file: the way back of <see cref="GgufTokenizer"/>.</summary>
public static class GgufVocabulary
{
    const string Key = "tokenizer.ggml.";

    /// <summary>Reads the tokenizer; rows of the embedding table beyond it (unused tokens at the end) are left out.</summary>
    /// <exception cref="InputException">A key is missing, or the tokenizer is of a kind that is not known here.</exception>
    public static TextTokenizer Read(GgufValues values, string file)
    {
        IReadOnlyList<string> all = values.Texts(Key + "tokens");
        IReadOnlyList<int> kinds = values.Numbers(Key + "token_type");
        if (kinds.Count != all.Count) throw new InputException(file, Key + "token_type", $"{kinds.Count} kinds", $"{all.Count}, one for each token");
        int count = all.Count;
        while (count > 0 && kinds[count - 1] == (int)GgufTokenKind.Unused) count--;
        string[] tokens = [.. all.Take(count)];
        if (tokens.GroupBy(t => t).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new InputException(file, Key + "tokens", $"\"{twice.Key}\" a second time", "each token once");
        AddedToken[] added = [.. tokens.Select((t, id) => (t, id)).Where(t => kinds[t.id] is (int)GgufTokenKind.Control or (int)GgufTokenKind.UserDefined or (int)GgufTokenKind.Unknown)
            .Select(t => new AddedToken(t.id, t.t, Special: kinds[t.id] != (int)GgufTokenKind.UserDefined))];
        return TextTokenizer.Of(values.Text(Key + "model") switch
        {
            "gpt2" => TokenizerJson.OfByteLevel(tokens, Merges(values, file), Patterns(values, file), added, composed: false),
            "llama" => SentencePieces(values, tokens, added, file),
            var other => throw new InputException(file, Key + "model", other, "gpt2 or llama"),
        });
    }

    static TokenizerJson SentencePieces(GgufValues values, string[] tokens, AddedToken[] added, string file)
    {
        IReadOnlyList<float> scores = values.Reals(Key + "scores");
        if (scores.Count < tokens.Length) throw new InputException(file, Key + "scores", $"{scores.Count} scores", $"{tokens.Length}, one for each token");
        if (values.Has(Key + "add_space_prefix") && !values.Flag(Key + "add_space_prefix")) throw new InputException(file, Key + "add_space_prefix", "false", "true");
        bool begins = !values.Has(Key + "add_bos_token") || values.Flag(Key + "add_bos_token");
        return TokenizerJson.OfSentencePieces([.. tokens.Zip(scores)], added, begins ? Token("bos_token_id") : null, Token("unknown_token_id"));

        string? Token(string key) => values.Has(Key + key) && values.Number(Key + key) is >= 0 and var id && id < tokens.Length ? tokens[id] : null;
    }

    static (string, string)[] Merges(GgufValues values, string file) =>
        [.. values.Texts(Key + "merges").Select(m => m.Split(' ') is [var left, var right] ? (left, right) : throw new InputException(file, Key + "merges", $"\"{m}\"", "two tokens"))];

    static IReadOnlyList<string> Patterns(GgufValues values, string file)
    {
        string name = values.Text(Key + "pre");
        return GgufTokenizer.PatternsOf(name) ?? throw new InputException(file, Key + "pre", name, "a pre-tokenizer known here: " + string.Join(", ", GgufTokenizer.PreTokenizers));
    }
}
