using Larr.Gguf;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>The tokenizers of llama.cpp's vocab-only files, which tests and benchmarks share.</summary>
static class PublishedVocabulary
{
    const int Unknown = 2, Control = 3; // kinds of tokens

    /// <summary>The tokenizer of a GGUF file: GPT-2's byte-level one, or Llama's of SentencePiece.</summary>
    public static TextTokenizer Load(string file)
    {
        using var reader = new GgufReader(file);
        IReadOnlyList<string> tokens = reader.Values.Texts("tokenizer.ggml.tokens");
        AddedToken[] special = [.. reader.Values.Numbers("tokenizer.ggml.token_type").Index()
            .Where(k => k.Item is Unknown or Control).Select(k => new AddedToken(k.Index, tokens[k.Index], Special: true))];
        if (reader.Values.Text("tokenizer.ggml.model") == "llama")
            return TextTokenizer.Of(TokenizerJson.OfSentencePieces([.. tokens.Zip(reader.Values.Reals("tokenizer.ggml.scores"))], special, "<s>", "<unk>"));
        (string, string)[] merges = [.. reader.Values.Texts("tokenizer.ggml.merges").Select(m => m.Split(' ')).Select(m => (m[0], m[1]))];
        return TextTokenizer.Of(TokenizerJson.OfByteLevel(tokens, merges, [WordSplit.Gpt2], special, composed: false));
    }
}
