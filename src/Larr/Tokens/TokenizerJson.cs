using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Larr.Tokens;

/// <summary>A token that is recognised as a whole wherever it stands in a text.</summary>
/// <param name="Id">Its id, inside the vocabulary or after it.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether other tools leave it out when they decode for display.</param>
public sealed record AddedToken(int Id, string Content, bool Special);

/// <summary>
/// Hugging Face's tokenizer.json of the byte-level BPE kind (GPT-2, Llama 3, Qwen 2 and 3, SmolLM and others): vocabulary,
/// merges, added tokens and the pre-tokeniser's patterns. Whatever else the file holds is kept and written back unchanged.
/// </summary>
public sealed partial class TokenizerJson
{
    static readonly JsonSerializerOptions format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonObject root;

    /// <summary>Tokens, in the mapping of <see cref="ByteSymbols"/>, and their ids.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Merges by rank, each as "left right".</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>The added tokens in the order of their ids.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Regular expressions that cut a text into words, applied in turn; see <see cref="RegexSplit"/>.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether texts are brought to Unicode's composed form (NFC) first.</summary>
    public bool Composed { get; }

    /// <summary>Whether a word that is itself a token is taken whole, without its merges (Llama 3's ignore_merges).</summary>
    public bool WholeWordsFirst { get; }

    /// <summary>The file of a tokeniser that was trained here: ids are the trainer's, then the special tokens'.</summary>
    public static TokenizerJson Of(BpeTrainer trainer)
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < trainer.Vocabulary.Count; id++) vocabulary.Add(trainer.Vocabulary[id], id);
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. trainer.Merges.Select(m => (JsonNode)new JsonArray(m.Left, m.Right))]),
            },
        };
        return new(root, "tokenizer.json");
    }

    static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    /// <summary>The same file with further special tokens.</summary>
    public TokenizerJson With(IEnumerable<AddedToken> tokens)
    {
        var copy = (JsonObject)root.DeepClone();
        if (copy["added_tokens"] is not JsonArray array) copy["added_tokens"] = array = [];
        foreach (AddedToken token in tokens)
            array.Add(new JsonObject
            {
                ["id"] = token.Id,
                ["content"] = token.Content,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = token.Special,
            });
        return new(copy, "tokenizer.json");
    }

    /// <summary>The file's bytes, always the same for the same content.</summary>
    public byte[] ToBytes() => System.Text.Encoding.UTF8.GetBytes(root.ToJsonString(format) + "\n");
}
