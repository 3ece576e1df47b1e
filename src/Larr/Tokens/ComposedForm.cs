using System.Buffers;
using System.Data;
using System.Globalization;
using DuckDB.NET.Data;

namespace Larr.Tokens;

/// <summary>
/// Unicode's composed form (NFC), which Qwen's tokenisers want. With invariant globalisation, as here, .NET's own
/// <c>string.Normalize</c> leaves text as it is without a word, so DuckDB's function does it.
/// </summary>
static class ComposedForm
{
    // Characters that may compose with what stands before them, or decompose: marks, Hangul letters, and the characters that Unicode's
    // composition leaves out, by their blocks. Of what lies outside the basic plane only the emoji blocks are certain.
    static readonly (int First, int Last)[] uncertainBlocks =
    [
        (0x374, 0x374), (0x37E, 0x37E), (0x387, 0x387), (0x958, 0x95F), (0x9DC, 0x9DF), (0xA33, 0xA5E), (0xB5C, 0xB5D), (0xF00, 0xFFF), (0x1100, 0x11FF),
        (0x1F00, 0x1FFF), (0x2000, 0x2001), (0x2126, 0x212B), (0x2329, 0x232A), (0x2ADC, 0x2ADC), (0xD800, 0xD83B), (0xD83F, 0xDBFF), (0xF900, 0xFAFF), (0xFB1D, 0xFB4F),
    ];

    static readonly SearchValues<char> uncertain = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Where(IsUncertain).Select(c => (char)c)]);

    static readonly Lock gate = new();
    static DuckDBCommand? command;

    /// <summary>Whether a look at the characters is enough to see that the text is composed.</summary>
    public static bool IsCertain(ReadOnlySpan<char> text) => !text.ContainsAny(uncertain);

    public static string Of(string text)
    {
        if (IsCertain(text)) return text;
        // DuckDB ends the text at a NUL; normalisation never reaches across one.
        if (text.Contains('\0')) return string.Join('\0', text.Split('\0').Select(Of));
        lock (gate)
        {
            command ??= Prepare();
            command.Parameters[0].Value = text;
            return (string)command.ExecuteScalar()!;
        }
    }

    // Variation selectors are marks that compose with nothing; they stand behind many emoji.
    static bool IsUncertain(int c) =>
        char.GetUnicodeCategory((char)c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark && c is < 0xFE00 or > 0xFE0F
        || uncertainBlocks.Any(b => c >= b.First && c <= b.Last);

    static DuckDBCommand Prepare()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var prepared = (DuckDBCommand)connection.CreateCommand();
        prepared.CommandText = "select nfc_normalize($text)";
        prepared.Parameters.Add(new DuckDBParameter("text", DbType.String));
        prepared.Prepare();
        return prepared;
    }
}
