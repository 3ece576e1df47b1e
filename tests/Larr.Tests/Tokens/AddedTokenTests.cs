using System.Text.Json.Nodes;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>Added tokens and the rules that a tokenizer.json has for them; the end token of tokenizer_config.json; decoding one by one.</summary>
public sealed class AddedTokenTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    TextTokenizer Load(string rule)
    {
        TextTokenizer.Train([], 257, ["<m>"]).Save(folder.Path);
        JsonNode json = JsonNode.Parse(File.ReadAllText(folder.At("tokenizer.json")))!;
        if (rule.Length > 0) json["added_tokens"]![0]![rule] = true;
        folder.Write("tokenizer.json", json.ToJsonString());
        return TextTokenizer.Load(folder.Path);
    }

    [Theory]
    [InlineData("", "a  <m> b", "a,32,32,256,32,b")]
    [InlineData("lstrip", "a  <m> b", "a,256,32,b")]
    [InlineData("rstrip", "a  <m> b", "a,32,32,256,b")]
    [InlineData("single_word", "a<m> <m>", "a,<,m,>,32,256")]
    public void White_space_and_words_are_treated_as_the_file_says(string rule, string text, string expected)
    {
        TextTokenizer tokenizer = Load(rule);
        Assert.Equal(expected.Split(',').Select(e => e.Length == 1 ? e[0] : int.Parse(e)), tokenizer.Encode(text));
    }

    [Theory]
    [InlineData("\"<m>\"")]
    [InlineData("{\"content\": \"<m>\"}")]
    public void The_end_token_is_that_of_the_configuration_where_it_is_no_usual_one(string name)
    {
        Load("");
        folder.Write("tokenizer_config.json", $$"""{"eos_token": {{name}}}""");
        Assert.Equal(256, TextTokenizer.Load(folder.Path).EndId);
    }

    [Fact]
    public void A_begin_token_is_read_from_the_template_also_inside_a_sequence()
    {
        Load("");
        JsonNode json = JsonNode.Parse(File.ReadAllText(folder.At("tokenizer.json")))!;
        json["post_processor"] = JsonNode.Parse("""{"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<m>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}]}""");
        folder.Write("tokenizer.json", json.ToJsonString());
        Assert.Equal(256, TextTokenizer.Load(folder.Path).BeginId);
        json["post_processor"] = JsonNode.Parse("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<m>", "type_id": 0}}]}""");
        folder.Write("tokenizer.json", json.ToJsonString());
        Assert.Null(TextTokenizer.Load(folder.Path).BeginId);
    }

    [Fact]
    public void A_character_cut_in_two_is_given_out_when_it_is_whole()
    {
        var decoder = new StreamingDecoder(TextTokenizer.Train([], 256, []));
        Assert.Equal(["a", "", "é", "", "", "日", ""], new[] { 'a', 0xC3, 0xA9, 0xE6, 0x97, 0xA5, 0xE6 }.Select(decoder.Next));
        Assert.Equal("\uFFFD", decoder.End());
    }
}
