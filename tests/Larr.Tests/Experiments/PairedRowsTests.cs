using Larr.Experiments;
using Larr.Report;

namespace Larr.Tests.Experiments;

public class PairedRowsTests
{
    [Fact]
    public void Rows_hold_mean_interval_relative_improvement_and_corrected_p()
    {
        // Differences .01, .02, .03: t = .02 / (.01 / √3) = 3.4641 with two degrees of freedom, p = .0742; the other row's are the same, so Holm doubles both.
        Dictionary<string, double[]> auc = new() { ["a"] = [.71, .72, .73], ["baseline"] = [.70, .70, .70], ["b"] = [.72, .71, .73] };
        IReadOnlyList<ResultRow> rows = PairedRows.Of(["a", "baseline", "b"], ["auc", "gauc"], (name, metric) => metric == "auc" ? auc[name] : [], "baseline", [1, 2, 3]);
        Assert.Equal(["a", "baseline", "b"], rows.Select(r => r.Name));
        Assert.Equal(.72, rows[0].Mean, 9);
        Assert.Equal(.72 - 4.30265 * .01 / Math.Sqrt(3), rows[0].Low!.Value, 5);
        Assert.Equal(2 * .07418, rows[0].P!.Value, 4);
        Assert.Equal(.22 / .20 - 1, rows[0].RelaImpr!.Value, 9);
        Assert.Null(rows[1].P);
    }

    [Theory]
    [InlineData(.5)]
    [InlineData(.49)]
    public void Nothing_improves_relative_to_a_baseline_that_ranks_by_chance_or_worse(double baseline) =>
        Assert.All(PairedRows.Of(["a", "baseline"], ["auc"], (name, _) => name == "a" ? [.51, .52] : [baseline, baseline], "baseline", [1, 2]), r => Assert.Null(r.RelaImpr));

    [Fact]
    public void Without_a_baseline_nothing_is_tested() =>
        Assert.All(PairedRows.Of(["a"], ["mrr"], (_, _) => [.1, .2], "baseline", [1, 2]), r => Assert.Null(r.P));
}
