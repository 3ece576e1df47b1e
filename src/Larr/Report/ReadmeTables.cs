using System.Text;
using Larr.Runs;

namespace Larr.Report;

/// <summary>
/// Keeps the tables of a Markdown file equal to the committed results: between a line
/// <c>&lt;!-- table PATH --&gt;</c> and a line <c>&lt;!-- end --&gt;</c> stands the table of the result file PATH; names of metrics after the path choose its columns.
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
            string[] words = line[Opening.Length..].Replace("-->", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ResultFile result = ResultFile.Read(Path.Combine(folder, words[0]));
            if (words.Skip(1).FirstOrDefault(m => result.Rows.All(r => r.Metric != m)) is { } unknown)
                throw new InputException(markdownPath, words[0], unknown, $"one of {string.Join(", ", result.Rows.Select(r => r.Metric).Distinct())}");
            text.Append('\n').Append(MarkdownTable.Of(result, words[1..])).Append('\n');
            inside = true;
        }
        return inside ? throw new InputException(markdownPath, $"a table is not closed by {Closing}") : text.ToString();
    }
}
