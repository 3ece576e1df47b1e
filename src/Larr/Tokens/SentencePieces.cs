using System.Buffers;
using System.Text;

namespace Larr.Tokens;

/// <summary>Where a text gets a space mark that is not in it.</summary>
public enum SpacePrefix
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>At its beginning.</summary>
    First,

    /// <summary>At its beginning and after every added token.</summary>
    Always,
}

/// <summary>How a SentencePiece-like tokeniser writes spaces, as the mark "▁".</summary>
/// <param name="Prefix">Where a mark is put before the text.</param>
/// <param name="UnlessThere">Whether a text that begins with a space gets no further mark (Metaspace).</param>
/// <param name="Split">Whether every mark begins a new word, so that no token holds two (Metaspace's split).</param>
public sealed record SpaceMarks(SpacePrefix Prefix, bool UnlessThere, bool Split);

/// <summary>
/// BPE over characters as SentencePiece trains it (Llama 2, Mistral): spaces are marks, characters outside the vocabulary are the tokens
/// of their UTF-8 bytes, merges run over the whole text.
/// </summary>
sealed class SentencePieces : Subwords
{
    /// <summary>The character that stands for a space.</summary>
    public const char Mark = '\u2581';

    readonly SpaceMarks spaces;
    readonly BytePairMerges merges;
    readonly WordCache cache = new();
    readonly Dictionary<Rune, int> idOfCharacter = [];
    readonly int[] idOfByte;
    readonly NeighbourPairs joined;
    readonly bool composed;

    public SentencePieces(TokenizerJson json, SpaceMarks spaces)
    {
        this.spaces = spaces;
        merges = MergesOf(json);
        foreach ((string token, int id) in json.Vocabulary)
            if (token.Length > 0 && Rune.TryGetRuneAt(token, 0, out Rune rune) && rune.Utf16SequenceLength == token.Length) idOfCharacter[rune] = id;
        idOfByte = [.. Enumerable.Range(0, 256).Select(b => json.Vocabulary[ByteToken((byte)b)])];
        composed = json.Composed;
        joined = new([.. json.Merges.Select(m => (m.Left[^1], m.Right[0]))]);
    }

    /// <summary>The token of a single byte.</summary>
    public static string ByteToken(byte value) => $"<0x{value:X2}>";

    public override void Encode(ReadOnlySpan<char> text, bool first, List<int> ids)
    {
        if (text.IsEmpty) return;
        if (composed && !ComposedForm.IsCertain(text)) text = ComposedForm.Of(text.ToString());
        char[] buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
        bool marked = spaces.Prefix == SpacePrefix.Always || spaces.Prefix == SpacePrefix.First && first;
        if (spaces.UnlessThere && text[0] is ' ' or Mark) marked = false;
        int from = marked ? 0 : 1;
        buffer[0] = Mark;
        text.Replace(buffer.AsSpan(1), ' ', Mark);
        EncodeMarked(buffer.AsSpan(from, text.Length + 1 - from), ids);
        ArrayPool<char>.Shared.Return(buffer);
    }

    public override byte[] Bytes(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && byte.TryParse(token.AsSpan(3, 2), System.Globalization.NumberStyles.HexNumber, null, out byte value)
            ? [value] : Encoding.UTF8.GetBytes(token.Replace(Mark, ' '));

    void EncodeMarked(ReadOnlySpan<char> text, List<int> ids)
    {
        while (!text.IsEmpty)
        {
            int end = EndOfWord(text);
            if (!cache.TryAppend(text[..end], ids)) Merge(text[..end], ids);
            text = text[end..];
        }
    }

    // No merge reaches across two characters that no merge joins, so the text is cut there, and the pieces are found in the cache.
    int EndOfWord(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (spaces.Split && text[i] == Mark) return i;
            if (!joined.Contains(text[i - 1], text[i]) && !char.IsLowSurrogate(text[i])) return i;
        }
        return text.Length;
    }

    void Merge(ReadOnlySpan<char> word, List<int> ids)
    {
        int[] symbols = ArrayPool<int>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        Span<byte> utf8 = stackalloc byte[4];
        int count = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (idOfCharacter.TryGetValue(rune, out int id)) symbols[count++] = id;
            else foreach (byte b in utf8[..rune.EncodeToUtf8(utf8)]) symbols[count++] = idOfByte[b];
        }
        ReadOnlySpan<int> merged = symbols.AsSpan(0, merges.Merge(symbols.AsSpan(0, count)));
        ids.AddRange(merged);
        cache.Remember(word, merged);
        ArrayPool<int>.Shared.Return(symbols);
    }
}
