using System.Text.Json.Nodes;

namespace Larr.Tokens;

public sealed partial class TokenizerJson
{
    /// <summary>The file of a byte-level tokeniser that was trained here: ids are the trainer's, then the special tokens'.</summary>
    public static TokenizerJson Of(BpeTrainer trainer) =>
        OfByteLevel(trainer.Vocabulary, trainer.Merges, [WordSplit.Gpt2], [], composed: false);

    /// <summary>The file of a byte-level tokeniser.</summary>
    /// <param name="tokens">Tokens in <see cref="ByteSymbols"/>, in the order of their ids.</param>
    /// <param name="merges">Merges by rank.</param>
    /// <param name="patterns">How a text is cut into words; see <see cref="WordSplit"/>.</param>
    /// <param name="special">Tokens that are recognised as a whole.</param>
    /// <param name="composed">Whether texts are brought to Unicode's composed form first.</param>
    public static TokenizerJson OfByteLevel(
        IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<string> patterns, IReadOnlyList<AddedToken> special, bool composed)
    {
        bool gpt2 = patterns is [WordSplit.Gpt2];
        JsonObject byteLevel = new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = gpt2 };
        JsonNode[] splits = [.. patterns.Select(p => new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = p },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        })];
        return new(Root(
            normalizer: composed ? new JsonObject { ["type"] = "NFC" } : null,
            preTokenizer: gpt2 ? byteLevel.DeepClone() : new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray([.. splits, byteLevel.DeepClone()]) },
            postProcessor: null,
            decoder: byteLevel,
            unknown: null, tokens, merges, special), "tokenizer.json");
    }

    /// <summary>The file of a SentencePiece-like tokeniser as Llama 2's: marks for spaces, byte fallback.</summary>
    /// <param name="pieces">Pieces with "▁" for a space and their scores, in the order of their ids; of two merges the one whose result scores higher comes first.</param>
    /// <param name="special">Pieces that are recognised as a whole and never made by merging.</param>
    /// <param name="begin">The piece that begins a document, or null.</param>
    /// <param name="unknown">The piece for what has none, or null.</param>
    public static TokenizerJson OfSentencePieces(IReadOnlyList<(string Text, float Score)> pieces, IReadOnlyList<AddedToken> special, string? begin, string? unknown)
    {
        string mark = SentencePieces.Mark.ToString();
        var replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = mark };
        JsonNode normalizer = Sequence("normalizers", new JsonObject { ["type"] = "Prepend", ["prepend"] = mark }, replace);
        JsonNode decoder = Sequence(
            "decoders",
            new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = mark }, ["content"] = " " },
            new JsonObject { ["type"] = "ByteFallback" },
            new JsonObject { ["type"] = "Fuse" },
            new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        return new(Root(
            normalizer, preTokenizer: null, begin is null ? null : Template(begin, special.Single(t => t.Content == begin).Id), decoder, unknown,
            [.. pieces.Select(p => p.Text)], PieceMerges.Of(pieces, special.Select(t => t.Content).ToHashSet()), special), "tokenizer.json");

        static JsonObject Sequence(string key, params JsonNode[] steps) => new() { ["type"] = "Sequence", [key] = new JsonArray(steps) };
    }

    static JsonObject Root(
        JsonNode? normalizer, JsonNode? preTokenizer, JsonNode? postProcessor, JsonNode decoder, string? unknown,
        IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<AddedToken> special)
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < tokens.Count; id++) vocabulary.Add(tokens[id], id);
        bool pieces = (string?)decoder["type"] != "ByteLevel";
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select(Entry)]),
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = postProcessor,
            ["decoder"] = decoder,
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = unknown,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = pieces,
                ["byte_fallback"] = pieces,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)new JsonArray(m.Left, m.Right))]),
            },
        };
    }

    static JsonObject Template(string begin, int id)
    {
        JsonObject Token(int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = begin, ["type_id"] = type } };
        JsonObject Text(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Token(0), Text("A", 0)),
            ["pair"] = new JsonArray(Token(0), Text("A", 0), Token(1), Text("B", 1)),
            ["special_tokens"] = new JsonObject { [begin] = new JsonObject { ["id"] = begin, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(begin) } },
        };
    }
}
