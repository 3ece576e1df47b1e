using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Tokens;

public sealed partial class TokenizerJson
{
    /// <summary>Reads a tokenizer.json; <see cref="InputException"/> names the key that is malformed or of a kind not supported.</summary>
    public static TokenizerJson Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file; a Hugging Face tokenizer.json of the BPE kind is needed");
        try
        {
            JsonNode? node = JsonNode.Parse(File.ReadAllBytes(file));
            return new(node as JsonObject ?? throw new InputException(file, "$", Show(node), "an object"), file);
        }
        catch (JsonException e)
        {
            throw new InputException(file, $"line {e.LineNumber + 1}", "malformed JSON", "a Hugging Face tokenizer.json");
        }
        catch (ArgumentException e)
        {
            // JsonObject finds doubled keys when it is first looked into.
            throw new InputException(file, "a key occurs twice: " + e.Message.ReplaceLineEndings(" "));
        }
        catch (InvalidOperationException)
        {
            throw new InputException(file, "content", "a value where an object belongs", "a Hugging Face tokenizer.json");
        }
    }

    TokenizerJson(JsonObject root, string file)
    {
        this.root = root;
        JsonNode? model = root["model"];
        Expect(file, "model.type", model?["type"], "\"BPE\"", null, "BPE");
        Expect(file, "model.dropout", model?["dropout"], "null", null, "0", "0.0");
        Expect(file, "model.continuing_subword_prefix", model?["continuing_subword_prefix"], "null", null, "");
        Expect(file, "model.end_of_word_suffix", model?["end_of_word_suffix"], "null", null, "");
        WholeWordsFirst = Text(model?["ignore_merges"]) == "true";
        bool pieces = Text(model?["byte_fallback"]) == "true";
        Vocabulary = ReadVocabulary(file, model?["vocab"]);
        RequireBytes(file, pieces);
        Merges = [.. Items(file, "model.merges", model?["merges"]).Select((m, rank) => ReadMerge(file, $"model.merges[{rank}]", m))];
        AddedTokens = [.. Items(file, "added_tokens", root["added_tokens"] ?? new JsonArray()).Select((t, i) => ReadAdded(file, $"added_tokens[{i}]", t)).OrderBy(t => t.Id)];
        if (AddedTokens.GroupBy(t => t.Content).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InputException(file, "added_tokens", $"\"{twice.Key}\" {twice.Count()} times", "each token once");
        Begin = ReadBegin(root["post_processor"]);
        IReadOnlyList<JsonNode> normalizers = Sequence(root["normalizer"], "normalizers"), steps = Sequence(root["pre_tokenizer"], "pretokenizers");
        Composed = normalizers.Any(n => Text(n["type"]) == "NFC");
        if (pieces)
        {
            Spaces = ReadSpaces(file, normalizers, steps, Sequence(root["decoder"], "decoders"));
            Patterns = [];
            if (!Vocabulary.ContainsKey(SentencePieces.Mark.ToString())) throw new InputException(file, "model.vocab", "no token for the space mark ▁", "one, so that spaces come back");
        }
        else
        {
            Expect(file, "decoder.type", root["decoder"]?["type"], "\"ByteLevel\" (or model.byte_fallback true)", "ByteLevel");
            foreach (JsonNode normalizer in normalizers) Expect(file, "normalizer.type", normalizer["type"], "null or \"NFC\"", "NFC");
            Patterns = ReadPatterns(file, steps);
        }
    }

    static Dictionary<string, int> ReadVocabulary(string file, JsonNode? node)
    {
        if (node is not JsonObject entries) throw new InputException(file, "model.vocab", Show(node), "an object of token → id");
        var vocabulary = new Dictionary<string, int>(entries.Count);
        foreach ((string token, JsonNode? id) in entries)
            vocabulary.Add(token, Number(file, $"model.vocab[{token}]", id));
        return vocabulary;
    }

    void RequireBytes(string file, bool pieces)
    {
        for (int b = 0; b < 256; b++)
            if (!Vocabulary.ContainsKey(pieces ? SentencePieces.ByteToken((byte)b) : ByteSymbols.Symbol((byte)b).ToString()))
                throw new InputException(file, "model.vocab", $"no token for byte 0x{b:X2}", $"all 256 bytes ({(pieces ? "byte fallback" : "byte-level BPE")})");
    }

    (string, string) ReadMerge(string file, string place, JsonNode? node)
    {
        string[] parts = node is JsonArray array ? [.. array.Select(Text)] : Text(node).Split(' ');
        if (parts.Length != 2) throw new InputException(file, place, Show(node), "two tokens");
        foreach (string token in (string[])[.. parts, parts[0] + parts[1]])
            if (!Vocabulary.ContainsKey(token)) throw new InputException(file, place, Show(node), $"\"{token}\" in model.vocab");
        return (parts[0], parts[1]);
    }

    static AddedToken ReadAdded(string file, string place, JsonNode? node)
    {
        string content = Text(node?["content"]);
        if (content.Length == 0) throw new InputException(file, $"{place}.content", Show(node?["content"]), "the token's text");
        return new(Number(file, $"{place}.id", node?["id"]), content, Text(node?["special"]) == "true")
        {
            TakesSpaceBefore = Text(node?["lstrip"]) == "true",
            TakesSpaceAfter = Text(node?["rstrip"]) == "true",
            WholeWord = Text(node?["single_word"]) == "true",
        };
    }

    // The first special token of a template that has it before the text; Llama 3 wraps the template in a sequence.
    static string? ReadBegin(JsonNode? processor) =>
        Sequence(processor, "processors").Where(p => Text(p["type"]) == "TemplateProcessing")
            .Select(p => (p["single"] as JsonArray)?.FirstOrDefault()?["SpecialToken"]?["id"]).OfType<JsonNode>().Select(Text).FirstOrDefault();
}
