using System.Globalization;
using Larr.Runs;
using ScottPlot;

namespace Larr.Report;

/// <summary>A training curve from a <c>curve.csv</c>: the first column is the step, the plotted column is named.</summary>
public static class CurvePlot
{
    /// <summary>The curve as an SVG element.</summary>
    public static string Svg(string csvPath, string column, string title)
    {
        string[] lines = File.ReadAllLines(csvPath);
        int at = Array.IndexOf(lines[0].Split(','), column);
        if (at < 0) throw new InputException(csvPath, "header", lines[0], $"a column '{column}'");
        double[][] rows = [.. lines.Skip(1).Select(l => l.Split(',')).Where(c => c.Length > at).Select(c => new[] { Number(c[0]), Number(c[at]) })];
        using var plot = new Plot();
        plot.Add.ScatterLine(rows.Select(r => r[0]).ToArray(), rows.Select(r => r[1]).ToArray());
        plot.Title(title);
        plot.XLabel(lines[0].Split(',')[0]);
        plot.YLabel(column);
        return plot.GetSvgXml(480, 300);
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
