using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Single;
using ScottPlot;

namespace Larr.Report;

/// <summary>One scene value with its vector, as drawn on a <see cref="ValueMap"/>.</summary>
/// <param name="Field">Scene field; its values share a colour.</param>
/// <param name="Value">The value, written beside its point.</param>
/// <param name="Vector">Its embedding.</param>
public sealed record MappedValue(string Field, string Value, float[] Vector);

/// <summary>A picture of scene values: their vectors on the plane of largest variance, coloured by field.</summary>
public static class ValueMap
{
    /// <summary>The picture as an SVG element.</summary>
    public static string Svg(IReadOnlyList<MappedValue> values, int width = 1000, int height = 700)
    {
        using var plot = new Plot();
        float[][] points = Plane([.. values.Select(v => v.Vector)]);
        foreach (IGrouping<string, int> field in Enumerable.Range(0, values.Count).GroupBy(i => values[i].Field))
        {
            int[] rows = [.. field];
            ScottPlot.Plottables.Scatter scatter = plot.Add.ScatterPoints(rows.Select(r => points[r][0]).ToArray(), rows.Select(r => points[r][1]).ToArray());
            scatter.LegendText = field.Key;
            foreach (int r in rows)
            {
                ScottPlot.Plottables.Text label = plot.Add.Text(values[r].Value, points[r][0], points[r][1]);
                label.LabelFontColor = scatter.Color;
                label.LabelFontSize = 11;
                label.OffsetX = 5;
            }
        }
        plot.ShowLegend();
        plot.Axes.Frameless();
        plot.HideGrid();
        return plot.GetSvgXml(width, height);
    }

    /// <summary>Coordinates on the two principal directions; [n][2].</summary>
    public static float[][] Plane(IReadOnlyList<float[]> vectors)
    {
        Matrix<float> rows = DenseMatrix.OfRowArrays(vectors);
        Vector<float> mean = rows.ColumnSums() / rows.RowCount;
        for (int r = 0; r < rows.RowCount; r++) rows.SetRow(r, rows.Row(r) - mean);
        Matrix<float> directions = rows.Svd().VT;
        Matrix<float> plane = rows * directions.SubMatrix(0, 2, 0, directions.ColumnCount).Transpose();
        return plane.ToRowArrays();
    }
}
