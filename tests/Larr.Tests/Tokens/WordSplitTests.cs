using System.Text.RegularExpressions;
using CsCheck;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>The well-known patterns are written out; on the basic plane they cut as .NET's regular expressions do.</summary>
public sealed class WordSplitTests
{
    static readonly string[] scraps =
        ["'s", "'RE", "'ll", "'D", "'\u017F", "'", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u2028", "\u0085", "a", "Wort", "日本", "ე", "\u0301", "7", "1234", "Ⅷ", "½", ".", "!?", "_", "€", "\u200D"];

    static readonly Gen<string> text = Gen.OneOf(Gen.OneOf([.. scraps.Select(Gen.Const)]), Gen.Char.Where(c => !char.IsSurrogate(c)).Select(c => c.ToString()))
        .Array[0, 14].Select(string.Concat);

    [Theory]
    [InlineData(WordSplit.Gpt2)]
    [InlineData(WordSplit.Llama3)]
    [InlineData(WordSplit.Qwen2)]
    public void Words_are_those_of_the_regular_expression(string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        text.Sample(t => Assert.Equal(regex.Matches(t).Select(m => m.Value), Cut(t, pattern)), iter: 3000);
    }

    [Fact]
    public void Words_are_those_worked_by_hand()
    {
        string sample = "It's  1234 o'clock,\n\n  I'LL go!!\n";
        Assert.Equal(["It", "'s", " ", " 1234", " o", "'", "clock", ",", "\n\n ", " I", "'", "LL", " go", "!!", "\n"], Cut(sample, WordSplit.Gpt2));
        Assert.Equal(["It", "'s", " ", " ", "123", "4", " o", "'clock", ",\n\n", " ", " I", "'LL", " go", "!!\n"], Cut(sample, WordSplit.Llama3));
        Assert.Equal(["It", "'s", " ", " ", "1", "2", "3", "4", " o", "'clock", ",\n\n", " ", " I", "'LL", " go", "!!\n"], Cut(sample, WordSplit.Qwen2));
    }

    [Fact]
    public void A_letter_outside_the_basic_plane_is_a_letter()
    {
        Assert.Equal(["a𠀀b", "😀", " 𝟙"], Cut("a𠀀b😀 𝟙", WordSplit.Gpt2));
        Assert.Equal(["a𠀀b", "😀𠀀", " ", "𝟙"], Cut("a𠀀b😀𠀀 𝟙", WordSplit.Qwen2));
        Assert.Equal(["x", "\uD800", "y"], Cut("x\uD800y", WordSplit.Gpt2));
    }

    [Fact]
    public void Steps_cut_one_after_the_other() =>
        Assert.Equal(["ab", "1", "2", " ", "3"], new WordSplit(@"\p{N}", WordSplit.Gpt2).Words("ab12 3").Select(w => "ab12 3".Substring(w.Offset, w.Length)));

    static IEnumerable<string> Cut(string text, string pattern) => new WordSplit(pattern).Words(text).Select(w => text.Substring(w.Offset, w.Length));
}
