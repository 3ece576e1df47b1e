using System.Text;

namespace Larr.Tokens;

/// <summary>Turns ids into text one by one: what a token completes is given out at once, a character cut in two by the next token.</summary>
/// <param name="tokenizer">Knows the tokens.</param>
/// <param name="before">Tokens that stand before, whose text is not wanted.</param>
public sealed class StreamingDecoder(TextTokenizer tokenizer, params IEnumerable<int> before)
{
    readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    bool start = Start(tokenizer, before);

    /// <summary>The text that <paramref name="id"/> completes; an unknown id is an <see cref="ArgumentException"/>.</summary>
    public string Next(int id) => Read(tokenizer.Bytes(id, ref start), flush: false);

    /// <summary>What is left: U+FFFD where the last character is not whole.</summary>
    public string End() => Read([], flush: true);

    string Read(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> text = bytes.Length <= 256 ? stackalloc char[260] : new char[bytes.Length + 4];
        return text[..decoder.GetChars(bytes, text, flush)].ToString();
    }

    static bool Start(TextTokenizer tokenizer, IEnumerable<int> before)
    {
        bool start = true;
        foreach (int id in before) _ = tokenizer.Bytes(id, ref start);
        return start;
    }
}
