using Larr.Ctr;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Ctr;

public sealed class CtrMetricsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    CtrMetrics Of(byte[] labels, int[] groups)
    {
        var writer = new ImpressionTableWriter(_folder.Path, labels.Length, [new() { Name = "click", Role = FieldRole.Label }, new() { Name = "list", Role = FieldRole.Group }]);
        writer.Labels(labels);
        writer.Codes("list", groups, ["a", "b", "c"]);
        writer.Finish();
        using var table = ImpressionTable.Open(_folder.Path);
        return CtrMetrics.Of(table, [.. Enumerable.Range(0, labels.Length)], new CtrPredictions([.. labels.Select((_, i) => .1f * i)], []));
    }

    [Fact]
    public void Groups_of_one_class_are_left_out_and_counted()
    {
        // Group 0 orders its two rows rightly; groups 1 and 2 have nothing to order.
        CtrMetrics metrics = Of([0, 1, 1, 1, 0], [0, 0, 1, 1, 2]);
        Assert.Equal(1, metrics.Gauc);
        Assert.Equal(2, metrics.OneClassGroups);
    }

    [Fact]
    public void Where_every_group_has_one_class_there_is_no_gauc_and_training_cannot_watch_it()
    {
        CtrMetrics metrics = Of([0, 0, 1, 1], [0, 0, 1, 2]);
        Assert.Null(metrics.Gauc);
        Assert.Equal(3, metrics.OneClassGroups);
        Assert.NotNull(metrics.Auc);
        string message = Assert.Throws<InputException>(() => metrics.Score(new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Gauc] = 1 })).Message;
        Assert.EndsWith("ctr.monitor: found gauc; expected a figure that the validation part has (both classes, a group field with both in one group, conversions)", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
