using Larr.Adapt;
using Larr.Ctr;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Tests.Experiments;

public sealed class CellMetricsTests
{
    static readonly CtrMetrics s_metrics = new(.75, null, .5, null);

    static CtrSlice Slice(string by, string value, int rows, int clicks, double? auc) => new(by, value, rows, clicks, auc, .5, 1);

    static IReadOnlyDictionary<string, double> Read(params CtrSlice[] slices)
    {
        using var folder = new TemporaryFolder();
        new StageContext(folder.Path, 1, new Progress<StageProgress>(), CancellationToken.None).WriteReport(new CtrReport(s_metrics with { Auc = .875 }, s_metrics, [], 1, 0, 1, 1, slices));
        return CellMetrics.Read(folder.Path, adapted: false).Values;
    }

    [Fact]
    public void Rows_of_items_and_users_that_training_never_saw_have_an_auc_of_their_own()
    {
        IReadOnlyDictionary<string, double> values = Read(
            Slice("weather", "0", 90, 40, .1), Slice("item seen", "0", 60, 30, .625), Slice("item seen", "1 to 4", 90, 40, .7), Slice("item clicked", "0", 150, 70, .6875),
            Slice("user seen", "0", 200, 100, .5625));
        Assert.Equal(new Dictionary<string, double> { ["auc"] = .75, ["log_loss"] = .5, ["auc_cold_items"] = .625, ["auc_unclicked_items"] = .6875, ["auc_cold_users"] = .5625, ["validation_auc"] = .875 }, values);
        Assert.Equal(["auc", "log_loss", "auc_cold_items", "auc_unclicked_items", "auc_cold_users", "validation_auc"], CellMetrics.Names.Where(values.ContainsKey));
    }

    [Fact]
    public void It_is_left_out_where_there_are_none_or_too_few_of_a_class()
    {
        Assert.Equal(["auc", "log_loss", "validation_auc"], Read().Keys);
        Assert.Equal(["auc", "log_loss", "validation_auc"], Read(Slice("item seen", "1 to 4", 900, 400, .7)).Keys);
        Assert.Equal(["auc", "log_loss", "validation_auc"], Read(Slice("item seen", "0", 900, 29, .7), Slice("user seen", "0", 900, 871, .7)).Keys);
    }

    [Fact]
    public void An_adapted_cell_has_the_slices_of_the_adapted_predictions()
    {
        using var folder = new TemporaryFolder();
        var context = new StageContext(folder.Path, 1, new Progress<StageProgress>(), CancellationToken.None);
        context.WriteReport(new AdaptReport(s_metrics, s_metrics with { Auc = .8 }, [], 0, 0, 0, [Slice("item seen", "0", 60, 30, .625)]));
        Assert.Equal(new Dictionary<string, double> { ["auc"] = .8, ["log_loss"] = .5, ["auc_cold_items"] = .625 }, CellMetrics.Read(folder.Path, adapted: true).Values);
    }
}
