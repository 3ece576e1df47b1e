using System.Text;
using Larr.Runs;

namespace Larr.Report;

/// <summary>
/// Keeps the tables of a Markdown file equal to the committed results: between a line
/// <c>&lt;!-- table PATH --&gt;</c> and a line <c>&lt;!-- end --&gt;</c> stands the table of the result file PATH.
/// </summary>
public static class ReadmeTables
{
    const string Opening = "<!-- table ";
    const string Closing = "<!-- end -->";

    /// <summary>The text of <paramref name="markdownPath"/> with every table made anew; result paths are relative to its folder.</summary>
    public static string Fill(string markdownPath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(markdownPath))!;
        var text = new StringBuilder();
        bool inside = false;
        foreach (string line in File.ReadAllText(markdownPath).TrimEnd('\n').Split('\n'))
        {
            if (line == Closing) inside = false;
            if (!inside) text.Append(line).Append('\n');
            if (!line.StartsWith(Opening, StringComparison.Ordinal)) continue;
            string result = line[Opening.Length..].Replace("-->", "", StringComparison.Ordinal).Trim();
            text.Append('\n').Append(MarkdownTable.Of(ResultFile.Read(Path.Combine(folder, result)))).Append('\n');
            inside = true;
        }
        return inside ? throw new InputException(markdownPath, $"a table is not closed by {Closing}") : text.ToString();
    }
}
