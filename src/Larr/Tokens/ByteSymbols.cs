using System.Text;

namespace Larr.Tokens;

/// <summary>
/// GPT-2's one-to-one mapping of the 256 bytes to printable characters, in which byte-level BPE vocabularies are
/// written: printable Latin-1 bytes stand for themselves, the others for U+0100 and up ("Ġ" is the space).
/// </summary>
public static class ByteSymbols
{
    static readonly char[] symbols = Symbols();
    static readonly Dictionary<char, byte> bytes = Enumerable.Range(0, 256).ToDictionary(b => symbols[b], b => (byte)b);

    /// <summary>The character that stands for a byte.</summary>
    public static char Symbol(byte value) => symbols[value];

    /// <summary>The text's UTF-8 bytes, one character each.</summary>
    public static string FromText(ReadOnlySpan<char> text)
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = Encoding.UTF8.GetBytes(text, utf8);
        return string.Create(count, utf8, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = symbols[source[i]];
        });
    }

    /// <summary>The bytes a token of the vocabulary stands for; a character outside the mapping stands for its own UTF-8 bytes.</summary>
    public static byte[] ToBytes(string token)
    {
        byte[] result = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
            if (!bytes.TryGetValue(token[i], out result[i])) return Encoding.UTF8.GetBytes(token);
        return result;
    }

    static char[] Symbols()
    {
        char[] map = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            map[b] = printable ? (char)b : (char)next++;
        }
        return map;
    }
}
