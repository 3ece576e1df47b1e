using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>The SentencePiece-like kind: marks for spaces, byte fallback, merges by score.</summary>
public sealed class SentencePieceTests
{
    // Ids: 0 to 2 special, 3 to 258 bytes, then the pieces, best score first.
    static readonly string[] pieces = ["▁t", "he", "▁the", "▁▁", "▁▁t", "aa", "▁", "t", "h", "e", "a", "x", ".", "é"];

    static TokenizerJson Json() => TokenizerJson.OfSentencePieces(
        [("<unk>", 0), ("<s>", 0), ("</s>", 0), .. Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f)), .. pieces.Select((p, i) => (p, -(float)i))],
        [new(0, "<unk>", true), new(1, "<s>", true), new(2, "</s>", true)], "<s>", "<unk>");

    static readonly TextTokenizer tokenizer = TextTokenizer.Of(Json());

    static int Id(string piece) => 259 + Array.IndexOf(pieces, piece);

    static readonly string[] scraps = [" ", "  ", "the", " the", "\n", "é", "e\u0301", "日本", "😀", "<0x41>", "aaa"];

    static readonly Gen<string> text = Gen.OneOf(Gen.OneOf([.. scraps.Select(Gen.Const)]), Gen.String)
        .Array[0, 8].Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(string.Concat(s)).AsSpan()).Replace('▁', '_'));

    [Fact]
    public void Ids_are_those_worked_by_hand()
    {
        Assert.Equal([Id("▁the")], tokenizer.Encode("the"));
        Assert.Equal([Id("▁▁"), Id("▁the")], tokenizer.Encode("  the"));
        Assert.Equal([Id("▁"), Id("aa"), Id("a"), Id("."), Id("▁the"), Id("▁"), Id("x")], tokenizer.Encode("aaa. the x"));
        Assert.Equal([Id("▁"), Id("é"), 3 + 0xE6, 3 + 0x97, 3 + 0xA5], tokenizer.Encode("é日"));
        Assert.Equal([Id("▁"), 3 + 0x0A], tokenizer.Encode("\n"));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void Every_part_between_added_tokens_begins_with_a_mark_and_comes_back_without()
    {
        Assert.Equal([1, Id("▁the"), 2, Id("▁the")], tokenizer.Encode("<s>the</s>the"));
        Assert.Equal("<s>the</s>the", tokenizer.Decode([1, Id("▁the"), 2, Id("▁the")]));
        Assert.Equal("<s>the the", tokenizer.Decode([1, Id("▁the"), Id("▁the")]));
    }

    [Fact]
    public void Any_text_comes_back_exactly() =>
        Gen.Select(text, text).Sample((a, b) => Assert.Equal(a + "<s>" + b, tokenizer.Decode(tokenizer.Encode(a + "<s>" + b))), iter: 2000);

    [Fact]
    public void Any_bytes_decode_as_UTF8_decodes_them() =>
        Gen.Byte.Array[0, 12].Where(b => b is not [(byte)' ', ..]).Sample(b => Assert.Equal(Encoding.UTF8.GetString(b), tokenizer.Decode(b.Select(v => 3 + v))), iter: 1000);

    [Fact]
    public void Cutting_at_marks_changes_nothing()
    {
        // A merge that reaches over a mark turns the cutting off.
        JsonObject json = (JsonObject)JsonNode.Parse(Json().ToBytes())!;
        json["model"]!["vocab"]!["x▁x"] = 400;
        json["model"]!["vocab"]!["x▁"] = 401;
        json["model"]!["merges"]!.AsArray().Add(new JsonArray("x", "▁"));
        json["model"]!["merges"]!.AsArray().Add(new JsonArray("x▁", "x"));
        TextTokenizer whole = Load(json);
        Assert.Equal([Id("▁"), 400], whole.Encode("x x"));
        text.Where(t => !t.Contains('x')).Sample(t => Assert.Equal(tokenizer.Encode(t), whole.Encode(t)), iter: 1000);
    }

    [Theory]
    [InlineData("always", true, " the", "▁the")]
    [InlineData("always", true, "  the", "▁,▁the")]
    [InlineData("always", false, "   the", "▁▁,▁the")]
    [InlineData("first", false, "the<s>the", "▁the,<s>,t,he")]
    [InlineData("never", false, "the the", "t,he,▁the")]
    public void Metaspace_puts_its_marks_where_the_file_says(string scheme, bool split, string text, string expected)
    {
        JsonObject json = (JsonObject)JsonNode.Parse(Json().ToBytes())!;
        json["normalizer"] = null;
        json["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = split };
        TextTokenizer meta = Load(json);
        Assert.Equal(expected.Split(',').Select(meta.Id), meta.Encode(text));
        Assert.Equal(text.TrimStart(), meta.Decode(meta.Encode(text)).TrimStart());
    }

    [Fact]
    public void Saving_and_loading_keeps_every_id()
    {
        using var folder = new TemporaryFolder();
        TextTokenizer own = TextTokenizer.Of(Json());
        Assert.Equal([259 + pieces.Length], own.AddSpecial(["<|emb|>"]));
        own.Save(folder.Path);
        TextTokenizer read = TextTokenizer.Load(folder.Path);
        Assert.Equal((own.Hash, own.EndId, own.BeginId), (read.Hash, 2, 1));
        text.Sample(t => Assert.Equal(own.Encode(t + "<|emb|>"), read.Encode(t + "<|emb|>")), iter: 300);
    }

    static TextTokenizer Load(JsonObject json)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", json.ToJsonString());
        return TextTokenizer.Load(folder.Path);
    }
}
