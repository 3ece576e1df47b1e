using System.Globalization;
using System.Text;

namespace Larr.Tokens;

/// <summary>What pre-tokenisation asks of a character: Unicode's \p{L}, \p{N}, line breaks, other white space, anything else.</summary>
enum CharacterKind : byte
{
    Other,
    Letter,
    Number,
    Space,
    LineBreak,
}

/// <summary>The kind of each character, by table for the basic plane.</summary>
static class CharacterKinds
{
    static readonly CharacterKind[] table = [.. Enumerable.Range(0, 0x10000).Select(c => Of(char.GetUnicodeCategory((char)c), (char)c))];

    /// <summary>The kind of the character that begins at <paramref name="index"/>, and its length in UTF-16 units.</summary>
    public static CharacterKind At(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        char c = text[index];
        if (!char.IsHighSurrogate(c) || index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1])) return table[c];
        length = 2;
        return Of(Rune.GetUnicodeCategory(new Rune(c, text[index + 1])), c);
    }

    /// <summary>The end of the run of one kind that begins at <paramref name="start"/>, of at most <paramref name="most"/> characters.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int start, CharacterKind kind, int most = int.MaxValue)
    {
        int i = start;
        while (i < text.Length && most-- > 0 && At(text, i, out int length) == kind) i += length;
        return i;
    }

    /// <summary>Whether the kind is white space, line breaks included.</summary>
    public static bool IsWhite(this CharacterKind kind) => kind is CharacterKind.Space or CharacterKind.LineBreak;

    static CharacterKind Of(UnicodeCategory category, char c) => category switch
    {
        <= UnicodeCategory.OtherLetter => CharacterKind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterKind.Space,
        _ => c is '\r' or '\n' ? CharacterKind.LineBreak : c is >= '\t' and <= '\r' or '\u0085' ? CharacterKind.Space : CharacterKind.Other,
    };
}
