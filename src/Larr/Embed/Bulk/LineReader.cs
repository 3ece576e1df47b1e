using System.Text;

namespace Larr.Embed.Bulk;

/// <summary>Streams the lines of a pipe as texts. A line ends with \n; a \r before it is dropped.</summary>
/// <param name="input">The pipe.</param>
/// <param name="bad">Counts lines that are no UTF-8.</param>
sealed class LineReader(Stream input, BadTextCount bad)
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines; null for one that is no UTF-8 and was counted as such.</summary>
    public IEnumerable<string?> Values()
    {
        long row = 0;
        foreach (byte[] line in Lines())
        {
            row++;
            yield return Decode(line, row);
        }
    }

    string? Decode(byte[] line, long row)
    {
        try
        {
            return s_strict.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            bad.AddNotUtf8(row);
            return null;
        }
    }

    IEnumerable<byte[]> Lines()
    {
        byte[] buffer = new byte[1 << 16];
        var line = new MemoryStream();
        bool open = false;
        while (input.Read(buffer) is var read and > 0)
        {
            int start = 0;
            while (Array.IndexOf(buffer, (byte)'\n', start, read - start) is var end and >= 0)
            {
                line.Write(buffer, start, end - start);
                yield return Whole(line);
                (start, open) = (end + 1, false);
            }
            line.Write(buffer, start, read - start);
            open |= read > start;
        }
        if (open) yield return Whole(line);
    }

    static byte[] Whole(MemoryStream line)
    {
        byte[] bytes = line.ToArray();
        line.SetLength(0);
        return bytes is [.., (byte)'\r'] ? bytes[..^1] : bytes;
    }
}
