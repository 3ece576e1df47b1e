using System.Text;
using CsCheck;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

public sealed class TextTokenizerTests
{
    static readonly string[] texts = ["the tea, the coffee; the theme", "coffee at 10 in the morning", "Ein Glas Möhrensaft für 日本 😀😀"];
    static readonly TextTokenizer tokenizer = TextTokenizer.Train(texts, 300, ["<|endoftext|>", "<|emb|>"]);

    static readonly string[] samples = [.. texts, "<|emb|>", "<|em", "e\u0301", "\0\r\n", "😀"];

    // Any text that is valid Unicode: a lone surrogate cannot be written as UTF-8.
    static readonly Gen<string> text = Gen.Select(Gen.String, Gen.Int[0, samples.Length - 1].Select(i => samples[i]), Gen.String)
        .Select((a, b, c) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(a + b + c)));

    [Fact]
    public void Frequent_words_become_single_tokens()
    {
        Assert.Equal([tokenizer.Id("Ġthe")], tokenizer.Encode(" the"));
        Assert.Equal([.. "the"u8.ToArray().Select(b => (int)b).Take(1), tokenizer.Id("he")], tokenizer.Encode("the"));
    }

    [Fact]
    public void Any_text_comes_back_exactly() => text.Sample(t => tokenizer.Decode(tokenizer.Encode(t)) == t, iter: 2000);

    [Fact]
    public void Any_bytes_decode_as_UTF8_decodes_them() =>
        Gen.Byte.Array[0, 12].Sample(b => tokenizer.Decode(b.Select(v => (int)v)) == Encoding.UTF8.GetString(b), iter: 2000);

    [Fact]
    public void Ids_are_those_of_merging_by_rank()
    {
        TokenizerJson json = JsonOf(tokenizer);
        var split = new WordSplit(WordSplit.Gpt2);
        text.Where(t => !t.Contains("<|emb|>")).Sample(t => Assert.Equal(ByRank(t, json, split), tokenizer.Encode(t)), iter: 300);
    }

    static List<int> ByRank(string text, TokenizerJson json, WordSplit split)
    {
        List<int> ids = [];
        foreach ((int offset, int length) in split.Words(text))
        {
            List<string> parts = [.. ByteSymbols.FromText(text.AsSpan(offset, length)).Select(c => c.ToString())];
            foreach ((string left, string right) in json.Merges)
                for (int i = 0; i + 1 < parts.Count; i++)
                    if (parts[i] == left && parts[i + 1] == right)
                    {
                        parts[i] += parts[i + 1];
                        parts.RemoveAt(i + 1);
                    }
            ids.AddRange(parts.Select(p => json.Vocabulary[p]));
        }
        return ids;
    }

    static TokenizerJson JsonOf(TextTokenizer tokenizer)
    {
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        return TokenizerJson.Read(Path.Combine(folder.Path, "tokenizer.json"));
    }

    [Fact]
    public void Special_tokens_are_single_ids_anywhere()
    {
        int emb = tokenizer.Id("<|emb|>"), end = tokenizer.EndId;
        Assert.Equal([emb, (byte)'x', emb, emb, end], tokenizer.Encode("<|emb|>x<|emb|><|emb|><|endoftext|>"));
        Assert.DoesNotContain(emb, tokenizer.Encode("<|emb|"));
        Assert.Equal("a<|emb|>", tokenizer.Decode(tokenizer.Encode("a<|emb|>")));
    }

    [Fact]
    public void The_longest_special_token_wins()
    {
        TextTokenizer own = TextTokenizer.Train([], 258, ["<a>", "<a><b>"]);
        Assert.Equal([257, 256, 256, 'b'], own.Encode("<a><b><a><a>b"));
    }

    [Fact]
    public void Added_tokens_go_to_the_end_and_survive_saving()
    {
        TextTokenizer own = TextTokenizer.Train(texts, 280, ["<|endoftext|>"]);
        int size = own.VocabularySize;
        string before = own.Hash;
        Assert.Equal([size, size + 1], own.AddSpecial(["<|name|>", "<|endoftext|>", "<|menu|>", "<|name|>"]));
        Assert.Empty(own.AddSpecial(["<|menu|>"]));
        Assert.Equal(size + 2, own.VocabularySize);
        Assert.NotEqual(before, own.Hash);

        using var folder = new TemporaryFolder();
        own.Save(folder.Path);
        TextTokenizer loaded = TextTokenizer.Load(folder.Path);
        Assert.Equal(own.Hash, loaded.Hash);
        Assert.Equal(own.VocabularySize, loaded.VocabularySize);
        Assert.Equal([size, size + 1], loaded.Encode("<|name|><|menu|>"));
        text.Sample(t => Assert.Equal(own.Encode(t), loaded.Encode(t)), iter: 200);
    }

    [Fact]
    public void A_vocabulary_entry_made_special_keeps_its_id()
    {
        TextTokenizer own = TextTokenizer.Train(["the the the"], 300, []);
        int he = own.Id("he");
        Assert.Empty(own.AddSpecial(["he"]));
        Assert.Equal([(byte)'t', he, (byte)'r', (byte)'e'], own.Encode("there"));
    }

    [Fact]
    public void Training_depends_on_word_counts_only_and_is_the_same_each_time()
    {
        TextTokenizer again = TextTokenizer.Train(texts.Reverse(), 300, ["<|endoftext|>", "<|emb|>"]);
        Assert.Equal(tokenizer.Hash, again.Hash);
    }

    [Fact]
    public void A_tokenizer_without_end_token_says_so() =>
        Assert.Contains("no end token", Assert.Throws<InputException>(() => TextTokenizer.Train([], 256, []).EndId).Message);

    [Fact]
    public void Characters_that_are_certainly_composed_stay_as_they_are_in_any_order()
    {
        string all = string.Concat(Enumerable.Range(1, 0xFFFF).Where(c => !char.IsSurrogate((char)c)).Select(c => ((char)c).ToString()).Where(c => ComposedForm.IsCertain(c)));
        Assert.InRange(all.Length, 50_000, 0xFFFF);
        // A Hangul letter at the end makes the whole text uncertain.
        Assert.Equal(all + "\u1100", ComposedForm.Of(all + "\u1100"));
        string reversed = string.Concat(all.Reverse());
        Assert.Equal(reversed + "\u1100", ComposedForm.Of(reversed + "\u1100"));
        foreach (string two in new[] { "e\u0301", "\u212B", "\u0958", "\u1100\u1161", "\uAC00\u11A8", "\uF900", "\U0001D15E", "\u09C7\u09BE", "\u3046\u3099" })
            Assert.False(ComposedForm.IsCertain(two), two);
    }

    [Fact]
    public void Threads_that_share_a_tokenizer_get_the_same_ids()
    {
        TextTokenizer shared = TextTokenizer.Train(texts, 300, ["<|emb|>"]), own = TextTokenizer.Train(texts, 300, ["<|emb|>"]);
        string[] many = [.. Enumerable.Range(0, 400).Select(i => $"the tea {i % 37} coffee{i % 11} <|emb|> theme {i}")];
        int[][] expected = [.. many.Select(own.Encode)];
        Parallel.For(0, 8, _ => Assert.Equal(expected, many.Select(shared.Encode)));
    }
}
