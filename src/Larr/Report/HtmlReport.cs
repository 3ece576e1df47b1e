using System.Net;
using System.Text;

namespace Larr.Report;

/// <summary>A scene value and the values whose vectors lie nearest to it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Nearest">Its nearest neighbours with their cosine, nearest first.</param>
public sealed record ValueNeighbours(string Value, IReadOnlyList<(string Value, double Cosine)> Nearest);

/// <summary>A text and what lay nearest to it before contrastive training and after.</summary>
/// <param name="Kind">The kind of pairs it is from.</param>
/// <param name="Text">The text.</param>
/// <param name="Before">Nearest texts before, nearest first.</param>
/// <param name="After">And after.</param>
public sealed record TextNeighbours(string Kind, string Text, IReadOnlyList<string> Before, IReadOnlyList<string> After);

/// <summary>One self-contained HTML page: the result table, the training curves, the map and the neighbours of scene values.</summary>
public sealed record HtmlReport
{
    /// <summary>Heading.</summary>
    public required string Title { get; init; }

    /// <summary>The figures.</summary>
    public required ResultFile Result { get; init; }

    /// <summary>Curves as SVG elements.</summary>
    public IReadOnlyList<string> Curves { get; init; } = [];

    /// <summary>The map of scene values as an SVG element, where there is an index.</summary>
    public string? Map { get; init; }

    /// <summary>Neighbours of scene values.</summary>
    public IReadOnlyList<ValueNeighbours> Neighbours { get; init; } = [];

    /// <summary>Neighbours of held-out texts before and after contrastive training.</summary>
    public IReadOnlyList<TextNeighbours> Texts { get; init; } = [];

    /// <summary>Further facts, name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.Append($"<title>{Text(Title)}</title><style>{Style}</style></head><body><h1>{Text(Title)}</h1>\n");
        AppendResult(html);
        if (Facts.Count > 0)
        {
            html.Append("<h2>Facts</h2><table>");
            foreach ((string name, string value) in Facts) html.Append($"<tr><td>{Text(name)}</td><td>{Text(value)}</td></tr>");
            html.Append("</table>\n");
        }
        if (Curves.Count > 0) html.Append("<h2>Training</h2><div>").AppendJoin("\n", Curves.Select(Inline)).Append("</div>\n");
        if (Map is not null) html.Append("<h2>Scene values</h2>").Append(Inline(Map)).Append('\n');
        AppendNeighbours(html);
        AppendTexts(html);
        return html.Append("</body></html>\n").ToString();
    }

    const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1040px; margin: 2em auto; color: #222; }
        table { border-collapse: collapse; margin: 1em 0; }
        th, td { padding: .3em .8em; border-bottom: 1px solid #ddd; text-align: left; font-variant-numeric: tabular-nums; }
        svg { max-width: 100%; height: auto; margin: .5em; }
        """;

    void AppendResult(StringBuilder html)
    {
        html.Append("<table><tr><th>setting</th><th>metric</th><th>mean</th><th>RelaImpr</th><th>p (paired, Holm)</th></tr>\n");
        foreach (ResultRow row in Result.Rows)
        {
            html.Append($"<tr><td>{Text(row.Name)}</td><td>{Text(row.Metric)}</td><td>{MarkdownTable.Figure(row)}</td>");
            html.Append($"<td>{MarkdownTable.Signed(row.RelaImpr)}</td><td>{Text(MarkdownTable.Probability(row.P))}</td></tr>\n");
        }
        html.Append("</table>\n");
        if (Result.BestPossibleAuc is { } best) html.Append($"<p>Best possible AUC (true click probabilities): {best:F4}</p>\n");
        html.Append($"<p><code>{Text(Result.Command)}</code>, commit {Text(Result.Commit)}, seeds {string.Join(", ", Result.Seeds)}, ");
        html.Append($"{Result.Date}, {Text(Result.Machine)}</p>\n");
    }

    void AppendTexts(StringBuilder html)
    {
        if (Texts.Count == 0) return;
        html.Append("<h2>Held-out texts, nearest before and after contrastive training</h2><table><tr><th>pairs</th><th>text</th><th>before</th><th>after</th></tr>\n");
        foreach (TextNeighbours text in Texts)
            html.Append($"<tr><td>{Text(text.Kind)}</td><td>{Text(text.Text)}</td><td>{List(text.Before)}</td><td>{List(text.After)}</td></tr>\n");
        html.Append("</table>\n");

        static string List(IEnumerable<string> texts) => string.Join("<br>", texts.Select(Text));
    }

    void AppendNeighbours(StringBuilder html)
    {
        if (Neighbours.Count == 0) return;
        html.Append("<h2>Nearest values</h2><table>");
        foreach (ValueNeighbours value in Neighbours)
            html.Append($"<tr><td>{Text(value.Value)}</td><td>{Text(string.Join(", ", value.Nearest.Select(n => $"{n.Value} ({n.Cosine:F2})")))}</td></tr>\n");
        html.Append("</table>\n");
    }

    /// <summary>An SVG document as an element inside HTML: without its XML declaration.</summary>
    static string Inline(string svg) => svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
