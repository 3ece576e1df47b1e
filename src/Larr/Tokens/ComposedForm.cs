using System.Buffers;
using System.Data;
using DuckDB.NET.Data;

namespace Larr.Tokens;

/// <summary>
/// Unicode's composed form (NFC), which Qwen's tokenisers want. With invariant globalisation, as here, .NET's own
/// <c>string.Normalize</c> leaves text as it is without a word, so DuckDB's function does it.
/// </summary>
static class ComposedForm
{
    // Characters that are composed already and that nothing behind them joins: up to U+02FF, Cyrillic letters, punctuation, kana, Han, Hangul
    // syllables, full-width forms, and the surrogates of the emoji blocks.
    static readonly SearchValues<char> certain = SearchValues.Create([
        .. Range(0, 0x2FF), .. Range(0x400, 0x482), .. Range(0x2010, 0x2027), .. Range(0x3000, 0x3029), .. Range(0x3041, 0x3096), .. Range(0x30A1, 0x30FA),
        .. Range(0x4E00, 0x9FFF), .. Range(0xAC00, 0xD7A3), .. Range(0xD83C, 0xD83E), .. Range(0xDC00, 0xDFFF), .. Range(0xFF01, 0xFF5E)]);

    static readonly Lock gate = new();
    static DuckDBCommand? command;

    /// <summary>Whether a look at the characters is enough to see that the text is composed.</summary>
    public static bool IsCertain(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(certain);

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

    static IEnumerable<char> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(c => (char)c);

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
