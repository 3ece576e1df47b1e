using System.Text.Json.Nodes;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

public sealed class TokenizerJsonTests
{
    static JsonObject File()
    {
        TokenizerJson trained = TokenizerJson.Of(new BpeTrainer([KeyValuePair.Create("ab", 9L), KeyValuePair.Create("12", 9L)], 300));
        return (JsonObject)JsonNode.Parse(trained.ToBytes())!;
    }

    static TextTokenizer Load(JsonObject json)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", json.ToJsonString());
        return TextTokenizer.Load(folder.Path);
    }

    [Fact]
    public void Merges_are_read_as_strings_and_as_arrays()
    {
        JsonObject strings = File();
        strings["model"]!["merges"] = new JsonArray("1 2", "a b");
        Assert.Equal(Load(File()).Encode("ab 12"), Load(strings).Encode("ab 12"));
        Assert.Equal([257, 32, 256], Load(strings).Encode("ab 12"));
    }

    [Fact]
    public void A_split_pattern_before_byte_level_decides_where_words_end()
    {
        JsonObject digits = File();
        digits["pre_tokenizer"] = JsonNode.Parse("""
            {"type": "Sequence", "pretokenizers": [
              {"type": "Split", "pattern": {"Regex": "\\p{N}{1}|[^\\p{N}]+"}, "behavior": "Isolated", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]}
            """);
        Assert.Equal([257, '1', '2'], Load(digits).Encode("ab12"));
        digits["pre_tokenizer"]!["pretokenizers"]![0] = JsonNode.Parse("""{"type": "Digits", "individual_digits": true}""");
        Assert.Equal([257, '1', '2'], Load(digits).Encode("ab12"));
    }

    [Fact]
    public void Whole_words_are_taken_first_where_the_file_says_so()
    {
        JsonObject json = File();
        json["model"]!["vocab"]!["abab"] = 258;
        Assert.Equal([257, 257], Load(json).Encode("abab"));
        json["model"]!["ignore_merges"] = true;
        Assert.Equal([258, ' ', 257, 'x'], Load(json).Encode("abab abx"));
    }

    [Fact]
    public void A_composing_normaliser_is_applied_outside_special_tokens()
    {
        JsonObject json = File();
        json["normalizer"] = JsonNode.Parse("""{"type": "NFC"}""");
        TextTokenizer tokenizer = Load(json);
        tokenizer.AddSpecial(["<|x|>"]);
        string Composed(string text) => tokenizer.Decode(tokenizer.Encode(text));
        Assert.Equal("\u00E9<|x|>\u0338", Composed("e\u0301<|x|>\u0338"));
        Assert.Equal("a\0\u00E9\0\0日本", Composed("a\0e\u0301\0\0日本"));
        Assert.Equal("\uAC01 \u1E69", Composed("\u1100\u1161\u11A8 s\u0307\u0323"));
    }

    [Fact]
    public void What_is_not_understood_is_written_back_unchanged()
    {
        JsonObject json = File();
        json["post_processor"] = JsonNode.Parse("""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}]}""");
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", json.ToJsonString());
        folder.Write("tokenizer_config.json", """{"chat_template": "{{ x }}"}""");
        TextTokenizer tokenizer = TextTokenizer.Load(folder.Path);
        tokenizer.AddSpecial(["<|x|>"]);
        tokenizer.Save(Path.Combine(folder.Path, "out"));
        JsonNode written = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(folder.Path, "out", "tokenizer.json")))!;
        Assert.True(JsonNode.DeepEquals(json["post_processor"], written["post_processor"]));
        Assert.Equal("""{"chat_template": "{{ x }}"}""", System.IO.File.ReadAllText(Path.Combine(folder.Path, "out", "tokenizer_config.json")));
        Assert.Equal("<|x|>", (string?)written["added_tokens"]![0]!["content"]);
        Assert.True((bool)written["added_tokens"]![0]!["special"]!);
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "\"Unigram\"")]
    [InlineData("model.byte_fallback", "true", "no token for byte 0x00")]
    [InlineData("model.vocab", "{\"a\": 0}", "no token for byte 0x00")]
    [InlineData("model.merges", "[\"a b c\"]", "\"a b c\"")]
    [InlineData("model.merges", "[\"a q\"]", "\"aq\" in model.vocab")]
    [InlineData("model.merges", "5", "an array")]
    [InlineData("decoder.type", "\"Metaspace\"", "\"Metaspace\"")]
    [InlineData("pre_tokenizer.type", "\"Metaspace\"", "ByteLevel, Split or Digits")]
    [InlineData("pre_tokenizer.add_prefix_space", "true", "found true; expected false")]
    [InlineData("normalizer", "{\"type\": \"Lowercase\"}", "\"Lowercase\"")]
    [InlineData("added_tokens", "[{\"id\": 300, \"content\": \"<m>\"}, {\"id\": 301, \"content\": \"<m>\"}]", "\"<m>\" 2 times")]
    [InlineData("added_tokens", "[{\"id\": 999999999, \"content\": \"<m>\"}]", "added_tokens[0].id")]
    [InlineData("added_tokens", "[{\"id\": -1, \"content\": \"<m>\"}]", "found -1; expected a whole number from 0")]
    public void What_is_not_supported_is_refused_in_one_line_naming_file_key_and_value(string key, string value, string says)
    {
        JsonObject json = File();
        string[] path = key.Split('.');
        JsonNode parent = path.Length == 1 ? json : json[path[0]]!;
        parent[path[^1]] = JsonNode.Parse(value);
        string message = Assert.Throws<InputException>(() => Load(json)).Message;
        Assert.Contains("tokenizer.json: " + path[0], message);
        Assert.Contains(says, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_missing_or_malformed_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("tokenizer.json: no such file", Assert.Throws<InputException>(() => TextTokenizer.Load(folder.Path)).Message);
        folder.Write("tokenizer.json", "{\"model\": {\"vocab\": {\"a\": 1, \"a\": 2}}, \"decoder\": {\"type\": \"ByteLevel\"}}");
        Assert.Contains("a key occurs twice", Assert.Throws<InputException>(() => TextTokenizer.Load(folder.Path)).Message);
        folder.Write("tokenizer.json", "{\n  nonsense");
        Assert.Contains("line 2", Assert.Throws<InputException>(() => TextTokenizer.Load(folder.Path)).Message);
    }
}
