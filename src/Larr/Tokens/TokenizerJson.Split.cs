using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Tokens;

public sealed partial class TokenizerJson
{
    // Llama 2's normalisers put a mark before the text and in place of spaces; Metaspace does both as a pre-tokeniser.
    static SpaceMarks ReadSpaces(string file, IReadOnlyList<JsonNode> normalizers, IReadOnlyList<JsonNode> steps, IReadOnlyList<JsonNode> decoders)
    {
        string mark = SentencePieces.Mark.ToString();
        SpacePrefix prefix = SpacePrefix.Never;
        bool replaced = false;
        foreach (JsonNode normalizer in normalizers)
            switch (Text(normalizer["type"]))
            {
                case "NFC":
                    break;
                case "Prepend":
                    Expect(file, "normalizer.prepend", normalizer["prepend"], "\"▁\"", mark);
                    prefix = SpacePrefix.Always;
                    break;
                case "Replace":
                    Expect(file, "normalizer.pattern", normalizer["pattern"]?["String"], "{\"String\": \" \"}", " ");
                    Expect(file, "normalizer.content", normalizer["content"], "\"▁\"", mark);
                    replaced = true;
                    break;
                default:
                    throw new InputException(file, "normalizer.type", Show(normalizer["type"]), "Prepend, Replace or NFC");
            }
        foreach (JsonNode decoder in decoders)
            Expect(file, "decoder.type", decoder["type"], "Replace, ByteFallback, Fuse, Strip or Metaspace", "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace");
        if (steps.Count == 0)
            return replaced ? new(prefix, UnlessThere: false, Split: false) : throw new InputException(file, "normalizer", "no Replace of \" \" by \"▁\"", "one, or Metaspace as pre_tokenizer");
        JsonNode step = steps.Count == 1 ? steps[0] : throw new InputException(file, "pre_tokenizer", $"{steps.Count} steps", "none or Metaspace");
        Expect(file, "pre_tokenizer.type", step["type"], "none or \"Metaspace\"", "Metaspace");
        Expect(file, "pre_tokenizer.replacement", step["replacement"], "\"▁\"", mark);
        Expect(file, "pre_tokenizer.prepend_scheme", step["prepend_scheme"], "never, first or always", null, "never", "first", "always");
        string scheme = step["prepend_scheme"] is { } named ? Text(named) : Text(step["add_prefix_space"]) == "false" ? "never" : "always";
        return new(scheme switch { "never" => prefix, "first" => SpacePrefix.First, _ => SpacePrefix.Always }, UnlessThere: true, Split: Text(step["split"]) != "false");
    }

    static List<string> ReadPatterns(string file, IReadOnlyList<JsonNode> steps)
    {
        List<string> patterns = [];
        foreach (JsonNode step in steps)
            switch (Text(step["type"]))
            {
                case "ByteLevel":
                    Expect(file, "pre_tokenizer.add_prefix_space", step["add_prefix_space"], "false", "false");
                    if (Text(step["use_regex"]) != "false") patterns.Add(WordSplit.Gpt2);
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
