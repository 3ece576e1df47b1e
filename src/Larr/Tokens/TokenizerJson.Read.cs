using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Tokens;

public sealed partial class TokenizerJson
{
    /// <summary>Reads a tokenizer.json; <see cref="InputException"/> names the key that is malformed or of a kind not supported.</summary>
    public static TokenizerJson Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file; a Hugging Face tokenizer.json of the byte-level BPE kind is needed");
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
    }

    TokenizerJson(JsonObject root, string file)
    {
        this.root = root;
        JsonNode? model = root["model"];
        Expect(file, "model.type", model?["type"], "\"BPE\"", null, "BPE");
        Expect(file, "model.dropout", model?["dropout"], "null", null, "0", "0.0");
        Expect(file, "model.continuing_subword_prefix", model?["continuing_subword_prefix"], "null", null, "");
        Expect(file, "model.end_of_word_suffix", model?["end_of_word_suffix"], "null", null, "");
        Expect(file, "model.byte_fallback", model?["byte_fallback"], "false (byte-level BPE)", null, "false");
        Expect(file, "decoder.type", root["decoder"]?["type"], "\"ByteLevel\"", "ByteLevel");
        WholeWordsFirst = Text(model?["ignore_merges"]) == "true";
        Vocabulary = ReadVocabulary(file, model?["vocab"]);
        Merges = [.. Items(file, "model.merges", model?["merges"]).Select((m, rank) => ReadMerge(file, $"model.merges[{rank}]", m))];
        AddedTokens = [.. Items(file, "added_tokens", root["added_tokens"] ?? new JsonArray()).Select((t, i) => ReadAdded(file, $"added_tokens[{i}]", t)).OrderBy(t => t.Id)];
        IReadOnlyList<JsonNode> normalizers = Sequence(root["normalizer"], "normalizers");
        foreach (JsonNode normalizer in normalizers) Expect(file, "normalizer.type", normalizer["type"], "null or \"NFC\"", "NFC");
        Composed = normalizers.Count > 0;
        Patterns = ReadPatterns(file, Sequence(root["pre_tokenizer"], "pretokenizers"));
    }

    static Dictionary<string, int> ReadVocabulary(string file, JsonNode? node)
    {
        if (node is not JsonObject entries) throw new InputException(file, "model.vocab", Show(node), "an object of token → id");
        var vocabulary = new Dictionary<string, int>(entries.Count);
        foreach ((string token, JsonNode? id) in entries)
            vocabulary.Add(token, Number(file, $"model.vocab[{token}]", id));
        for (int b = 0; b < 256; b++)
            if (!vocabulary.ContainsKey(ByteSymbols.Symbol((byte)b).ToString()))
                throw new InputException(file, "model.vocab", $"no token for byte 0x{b:X2}", "all 256 bytes (byte-level BPE)");
        return vocabulary;
    }

    string ReadMerge(string file, string place, JsonNode? node)
    {
        string[] parts = node is JsonArray array ? [.. array.Select(Text)] : Text(node).Split(' ');
        if (parts.Length != 2) throw new InputException(file, place, Show(node), "two tokens");
        foreach (string token in (string[])[.. parts, parts[0] + parts[1]])
            if (!Vocabulary.ContainsKey(token)) throw new InputException(file, place, Show(node), $"\"{token}\" in model.vocab");
        return $"{parts[0]} {parts[1]}";
    }

    static AddedToken ReadAdded(string file, string place, JsonNode? node)
    {
        foreach (string key in (string[])["single_word", "lstrip", "rstrip"])
            Expect(file, $"{place}.{key}", node?[key], "false", null, "false");
        string content = Text(node?["content"]);
        if (content.Length == 0) throw new InputException(file, $"{place}.content", Show(node?["content"]), "the token's text");
        return new(Number(file, $"{place}.id", node?["id"]), content, Text(node?["special"]) == "true");
    }

    static List<string> ReadPatterns(string file, IReadOnlyList<JsonNode> steps)
    {
        List<string> patterns = [];
        foreach (JsonNode step in steps)
            switch (Text(step["type"]))
            {
                case "ByteLevel":
                    Expect(file, "pre_tokenizer.add_prefix_space", step["add_prefix_space"], "false", "false");
                    if (Text(step["use_regex"]) != "false") patterns.Add(RegexSplit.Gpt2);
                    break;
                case "Digits":
                    patterns.Add(Text(step["individual_digits"]) == "true" ? @"\p{N}" : @"\p{N}+");
                    break;
                case "Split":
                    bool inverted = Text(step["invert"]) == "true";
                    Expect(file, "pre_tokenizer.behavior", step["behavior"], inverted ? "\"Removed\"" : "\"Isolated\"", inverted ? "Removed" : "Isolated");
                    patterns.Add(ReadPattern(file, step["pattern"]));
                    break;
                default:
                    throw new InputException(file, "pre_tokenizer.type", Show(step["type"]), "ByteLevel, Split or Digits");
            }
        if (steps.Count == 0 || Text(steps[^1]["type"]) != "ByteLevel")
            throw new InputException(file, "pre_tokenizer", steps.Count == 0 ? "nothing" : Show(steps[^1]["type"]), "ByteLevel as the last step");
        return patterns;
    }

    static string ReadPattern(string file, JsonNode? pattern)
    {
        string text = pattern?["Regex"] is { } regex ? Text(regex) : Regex.Escape(Text(pattern?["String"]));
        try { _ = new Regex(text); }
        catch (ArgumentException) { text = ""; }
        return text.Length > 0 ? text : throw new InputException(file, "pre_tokenizer.pattern", Show(pattern), "a regular expression");
    }
}
