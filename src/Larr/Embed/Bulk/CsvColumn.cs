using System.Text;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>
/// Streams one column of a CSV file (RFC 4180: commas, quotes doubled within quotes, a header line). Read here and not by the database, so
/// that a row that is no UTF-8 is one row and has a number.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="column">Name of the column.</param>
/// <param name="bad">Counts rows whose value is no UTF-8.</param>
sealed class CsvColumn(string path, string column, BadTextCount bad)
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The values; null for one that is no UTF-8 and was counted as such.</summary>
    /// <exception cref="InputException">There is no such file or column, or a row has another number of fields than the header.</exception>
    public IEnumerable<string?> Values()
    {
        if (!File.Exists(path)) throw new InputException(path, "no such file");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        var fields = new List<byte[]>();
        // A byte-order mark before a quote would hide the quote.
        if (stream.ReadByte() != 0xef || stream.ReadByte() != 0xbb || stream.ReadByte() != 0xbf) stream.Position = 0;
        if (!Row(stream, fields)) throw new InputException(path, "the file is empty: no header line");
        string[] names = [.. fields.Select(f => Encoding.UTF8.GetString(f))];
        int place = Array.IndexOf(names, column);
        if (place < 0) throw new InputException(path, "--column", column, "one of " + string.Join(", ", names));
        for (long row = 1; Row(stream, fields); row++)
        {
            if (fields is [{ Length: 0 }] && names.Length > 1) throw new InputException(path, $"row {row}", "an empty line", $"{names.Length} fields");
            if (fields.Count != names.Length) throw new InputException(path, $"row {row}", $"{fields.Count} fields", $"{names.Length}, as the header has");
            yield return Decode(fields[place], row);
        }
    }

    string? Decode(byte[] field, long row)
    {
        try
        {
            return s_strict.GetString(field);
        }
        catch (DecoderFallbackException)
        {
            bad.AddNotUtf8(row);
            return null;
        }
    }

    /// <summary>The next row's fields; false at the end of the file.</summary>
    bool Row(FileStream stream, List<byte[]> fields)
    {
        fields.Clear();
        var field = new List<byte>();
        int next = stream.ReadByte();
        if (next < 0) return false;
        for (; ; next = stream.ReadByte())
        {
            if (next == '"' && field.Count == 0)
            {
                next = Quoted(stream, field);
                if (next is not (',' or '\n' or '\r' or < 0)) throw new InputException(path, $"byte {stream.Position - 1}", $"'{(char)next}' after a quoted field", "a comma or a line end");
            }
            if (next is ',' or '\n' or < 0)
            {
                fields.Add([.. field]);
                field.Clear();
                if (next != ',') return true;
            }
            else if (next != '\r' || field.Count > 0) field.Add((byte)next);
            if (next == '\r') TakeLineEnd(stream, field);
        }
    }

    /// <summary>A \r before \n belongs to the line end.</summary>
    static void TakeLineEnd(FileStream stream, List<byte> field)
    {
        int after = stream.ReadByte();
        if (after >= 0) stream.Position--;
        if (after is '\n' && field is [.., (byte)'\r']) field.RemoveAt(field.Count - 1);
    }

    /// <summary>Reads a quoted field after its first quote; returns what follows its last.</summary>
    int Quoted(FileStream stream, List<byte> field)
    {
        while (true)
        {
            int next = stream.ReadByte();
            if (next < 0) throw new InputException(path, "the file ends within quotes");
            if (next == '"' && (next = stream.ReadByte()) != '"') return next;
            field.Add((byte)next);
        }
    }
}
