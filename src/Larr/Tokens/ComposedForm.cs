using System.Data;
using DuckDB.NET.Data;

namespace Larr.Tokens;

/// <summary>
/// Unicode's composed form (NFC), which Qwen's tokenisers want. With invariant globalisation, as here, .NET's own
/// <c>string.Normalize</c> leaves text as it is without a word, so DuckDB's function does it.
/// </summary>
static class ComposedForm
{
    static readonly Lock gate = new();
    static DuckDBCommand? command;

    public static string Of(string text)
    {
        // Every text without a character from U+0300 on is composed already.
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF')) return text;
        // DuckDB ends the text at a NUL; normalisation never reaches across one.
        if (text.Contains('\0')) return string.Join('\0', text.Split('\0').Select(Of));
        lock (gate)
        {
            command ??= Prepare();
            command.Parameters[0].Value = text;
            return (string)command.ExecuteScalar()!;
        }
    }

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
