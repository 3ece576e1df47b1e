using System.Text;

namespace Larr.Report;

/// <summary>A result as a Markdown table: one line per setting, its metrics side by side.</summary>
public static class MarkdownTable
{
    /// <summary>The table, followed by the command, commit, seeds and date that made it.</summary>
    /// <param name="result">The result.</param>
    /// <param name="only">Metrics that are shown; all where none is named.</param>
    public static string Of(ResultFile result, params IReadOnlyList<string> only)
    {
        string[] metrics = [.. only.Count > 0 ? only : result.Rows.Select(r => r.Metric).Distinct()];
        bool tested = result.Rows.Any(r => r.RelaImpr is not null);
        var text = new StringBuilder();
        text.Append("| setting |").AppendJoin("", metrics.Select(m => $" {m} (95 % interval) |"));
        text.Append(tested ? " RelaImpr | p (paired, Holm) |\n" : "\n");
        text.Append("|---|").AppendJoin("", metrics.Select(_ => "---|")).Append(tested ? "---|---|\n" : "\n");
        foreach (string name in result.Rows.Select(r => r.Name).Distinct())
        {
            ResultRow[] rows = [.. result.Rows.Where(r => r.Name == name)];
            text.Append($"| {name} |");
            foreach (string metric in metrics) text.Append($" {Figure(rows.FirstOrDefault(r => r.Metric == metric))} |");
            ResultRow main = rows.FirstOrDefault(r => r.Metric == metrics[0]) ?? rows[0];
            if (tested) text.Append($" {Signed(main.RelaImpr)} | {Probability(main.P)} |");
            text.Append('\n');
        }
        if (result.BestPossibleAuc is { } best) text.Append($"\nBest possible AUC (true click probabilities): {best:F4}.\n");
        text.Append($"\n`{result.Command}`, commit {result.Commit}, seeds {string.Join(", ", result.Seeds)}, {result.Date}.\n");
        return text.ToString();
    }

    /// <summary>Mean and interval with four decimals below ten and fewer above.</summary>
    public static string Figure(ResultRow? row)
    {
        if (row is null) return "";
        string format = Math.Abs(row.Mean) < 10 ? "F4" : Math.Abs(row.Mean) < 1000 ? "F1" : "N0";
        string mean = row.Mean.ToString(format);
        return row.Low is { } low && row.High is { } high ? $"{mean} [{low.ToString(format)}, {high.ToString(format)}]" : mean;
    }

    /// <summary>A share as a signed percentage.</summary>
    public static string Signed(double? share) => share is { } s ? $"{100 * s:+0.0;−0.0;0.0} %" : "";

    /// <summary>A p value, "&lt; .0001" where it is that small.</summary>
    public static string Probability(double? p) => p is not { } value ? "" : value < 0.0001 ? "< .0001" : value.ToString("0.0000");
}
