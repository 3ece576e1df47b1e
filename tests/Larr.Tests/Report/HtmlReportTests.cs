using Larr.Report;
using Larr.Stats;

namespace Larr.Tests.Report;

public sealed class HtmlReportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_page_holds_table_curve_map_and_neighbours_and_loads_nothing()
    {
        string csv = _folder.Write("curve.csv", "step,loss,lr\n1,5.5,.1\n2,4.5,.1\n");
        string html = new HtmlReport
        {
            Title = "A <city>",
            Result = new ResultFile { Command = "larr run", Seeds = [1], Rows = [ResultRow.Of("baseline", "auc", new Interval(.7, .69, .71), [1])] },
            Curves = [CurvePlot.Svg(csv, "loss", "pre-training")],
            Map = ValueMap.Svg([new("weather", "rain", [1, 0, 0]), new("weather", "snow", [0, 1, 0]), new("meal", "lunch", [0, 0, 1])]),
            Neighbours = [new ValueNeighbours("rain", [("snow", .5)])],
            Texts = [new TextNeighbours("sceneItem", "it rains", ["<ice>", "soup"], ["soup"])],
        }.ToHtml();
        Assert.Contains("A &lt;city&gt;", html);
        Assert.Contains("0.7000 [0.6900, 0.7100]", html);
        Assert.Equal(2, html.Split("<svg").Length - 1);
        Assert.Contains("snow (0.50)", html);
        Assert.Contains("<td>it rains</td><td>&lt;ice&gt;<br>soup</td><td>soup</td>", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("href=\"http", html.Replace("xlink:href=\"http://www.w3.org", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_plane_keeps_the_distances_of_points_that_lie_in_a_plane()
    {
        float[][] plane = ValueMap.Plane([[0, 0, 0], [3, 0, 0], [0, 4, 0], [3, 4, 0]]);
        Assert.Equal(5, Distance(plane[0], plane[3]), 4);
        Assert.Equal(3, Distance(plane[0], plane[1]), 4);
        Assert.Equal(4, Distance(plane[1], plane[3]), 4);
    }

    static double Distance(float[] a, float[] b) => Math.Sqrt(Math.Pow(a[0] - b[0], 2) + Math.Pow(a[1] - b[1], 2));

    public void Dispose() => _folder.Dispose();
}
