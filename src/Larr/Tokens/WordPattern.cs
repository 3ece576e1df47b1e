using System.Text.RegularExpressions;

namespace Larr.Tokens;

/// <summary>Cuts a text into words one after the other.</summary>
abstract class WordPattern
{
    /// <summary>The end of the word that begins at <paramref name="start"/>, which lies inside the text; always beyond it.</summary>
    public abstract int EndOfWord(ReadOnlySpan<char> text, int start);

    /// <summary>The cutter of a tokenizer.json pattern: one written out for the three well-known patterns, else a regular expression.</summary>
    public static WordPattern Of(string pattern) => pattern switch
    {
        WordSplit.Gpt2 => new Gpt2Words(),
        WordSplit.Llama3 => new Llama3Words(digits: 3),
        WordSplit.Qwen2 => new Llama3Words(digits: 1),
        _ => new RegexWords(pattern),
    };
}

/// <summary>Any regular expression: its matches and what lies between them are the words (behaviour "Isolated").</summary>
/// <remarks>.NET matches UTF-16 units, so here letters outside the basic plane count as symbols.</remarks>
sealed class RegexWords(string pattern) : WordPattern
{
    readonly Regex regex = new(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant);

    public override int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        foreach (ValueMatch match in regex.EnumerateMatches(text, start))
            if (match.Length > 0)
                return match.Index > start ? match.Index : match.Index + match.Length;
        return text.Length;
    }
}

/// <summary><see cref="WordSplit.Gpt2"/> written out: the same words as the expression, several times faster, and exact outside the basic plane.</summary>
sealed class Gpt2Words : WordPattern
{
    public override int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction.Length(text[(start + 1)..], ignoreCase: false) is > 0 and int letters) return start + 1 + letters;
        int first = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        CharacterKind kind = CharacterKinds.At(text, first, out _);
        if (!kind.IsWhite()) return CharacterKinds.EndOfRun(text, first, kind);
        return WhiteSpace.EndOfRunBeforeWord(text, start);
    }
}

/// <summary>
/// <see cref="WordSplit.Llama3"/> and <see cref="WordSplit.Qwen2"/> written out: a letter run takes any one character before it, numbers
/// are cut after <paramref name="digits"/> digits, symbols take the line breaks behind them, white space ends at its last line break.
/// </summary>
sealed class Llama3Words(int digits) : WordPattern
{
    public override int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction.Length(text[(start + 1)..], ignoreCase: true) is > 0 and int letters) return start + 1 + letters;
        CharacterKind kind = CharacterKinds.At(text, start, out int length);
        if (kind == CharacterKind.Letter) return CharacterKinds.EndOfRun(text, start, kind);
        if (kind == CharacterKind.Number) return CharacterKinds.EndOfRun(text, start, kind, digits);
        int next = start + length;
        CharacterKind follows = next < text.Length ? CharacterKinds.At(text, next, out _) : CharacterKind.Space;
        if (follows == CharacterKind.Letter && kind != CharacterKind.LineBreak) return CharacterKinds.EndOfRun(text, next, follows);
        if (kind == CharacterKind.Other) return Symbols(text, start);
        if (text[start] == ' ' && follows == CharacterKind.Other) return Symbols(text, next);
        return WhiteSpace.EndAtLastBreak(text, start) is > 0 and int end ? end : WhiteSpace.EndOfRunBeforeWord(text, start);
    }

    static int Symbols(ReadOnlySpan<char> text, int start) =>
        CharacterKinds.EndOfRun(text, CharacterKinds.EndOfRun(text, start, CharacterKind.Other), CharacterKind.LineBreak);
}

static class Contraction
{
    /// <summary>Letters of s, t, re, ve, m, ll or d at the start of what follows an apostrophe; 0 where there is none.</summary>
    public static int Length(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.IsEmpty) return 0;
        char a = Lower(text[0]), b = text.Length > 1 ? Lower(text[1]) : '\0';
        return (a, b) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : a is 's' or 't' or 'm' or 'd' ? 1 : 0;

        char Lower(char c) => ignoreCase && char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
    }
}

static class WhiteSpace
{
    /// <summary>\s+(?!\S)|\s+: the run of white space, less its last character where a word follows and one is left.</summary>
    public static int EndOfRunBeforeWord(ReadOnlySpan<char> text, int start)
    {
        int end = EndOfRun(text, start);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    /// <summary>\s*[\r\n]+: the run of white space up to its last line break; 0 where it has none.</summary>
    public static int EndAtLastBreak(ReadOnlySpan<char> text, int start) =>
        text[start..EndOfRun(text, start)].LastIndexOfAny('\r', '\n') is >= 0 and int last ? start + last + 1 : 0;

    static int EndOfRun(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && CharacterKinds.At(text, end, out _).IsWhite()) end++;
        return end;
    }
}
