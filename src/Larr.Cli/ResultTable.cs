using Larr.Report;
using Spectre.Console;

namespace Larr.Cli;

/// <summary>A result as a table on the terminal.</summary>
static class ResultTable
{
    public static void Print(ResultFile result, TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = output == Console.Out ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (output != Console.Out || Console.IsOutputRedirected) console.Profile.Width = 160;
        var table = new Table { Border = TableBorder.Rounded };
        foreach (string heading in new[] { "setting", "metric", "mean [95 % interval]", "RelaImpr", "p (paired, Holm)" }) table.AddColumn(new TableColumn(Markup.Escape(heading)) { NoWrap = true });
        string last = "";
        foreach (ResultRow row in result.Rows)
        {
            table.AddRow(
                Markup.Escape(row.Name == last ? "" : row.Name), row.Metric, Markup.Escape(MarkdownTable.Figure(row)),
                MarkdownTable.Signed(row.RelaImpr), MarkdownTable.Probability(row.P));
            last = row.Name;
        }
        console.Write(table);
        if (result.BestPossibleAuc is { } best) output.WriteLine($"Best possible AUC (true click probabilities): {best:F4}");
        output.WriteLine($"Seeds {string.Join(", ", result.Seeds)}");
    }
}
