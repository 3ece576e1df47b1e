using Larr.Data;
using Larr.Tests.Ctr;
using Larr.Train;

namespace Larr.Tests.Train;

public sealed class BatchesTests
{
    static int[][] Epoch(int rows, int size, int seed, int epoch) =>
        [.. new Batches([.. Enumerable.Range(100, rows)], size, seed).Epoch(epoch).Select(b => b.ToArray())];

    [Fact]
    public void An_epoch_visits_every_row_once_in_batches_of_nearly_equal_size()
    {
        int[][] batches = Epoch(1001, 100, 1, 1);
        Assert.Equal(11, batches.Length);
        Assert.True(batches.Max(b => b.Length) - batches.Min(b => b.Length) <= 1);
        Assert.Equal(Enumerable.Range(100, 1001), batches.SelectMany(b => b).Order());
    }

    [Fact]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        Assert.Equal(Epoch(50, 8, 1, 2), Epoch(50, 8, 1, 2));
        Assert.NotEqual(Epoch(50, 8, 1, 2)[0], Epoch(50, 8, 1, 3)[0]);
        Assert.NotEqual(Epoch(50, 8, 1, 2)[0], Epoch(50, 8, 2, 2)[0]);
    }

    [Fact]
    public void Rows_of_a_request_stay_side_by_side_and_whole_requests_are_shuffled()
    {
        int[] rows = [.. Enumerable.Range(0, 60)], requests = [.. rows.Select(r => r % 20)];
        int[] Order(int epoch) => [.. new Batches(rows, 9, 1, requests).Epoch(epoch).SelectMany(b => b.ToArray())];
        int[] order = Order(1);
        Assert.Equal(rows, order.Order());
        foreach (int[] request in order.Chunk(3)) Assert.Equal([request[0], request[0] + 20, request[0] + 40], request);
        Assert.NotEqual([.. Enumerable.Range(0, 20)], order.Chunk(3).Select(r => r[0]));
        Assert.NotEqual(order, Order(2));
    }

    [Fact]
    public void A_request_is_a_group_in_one_scene()
    {
        using var planted = new PlantedTable(300);
        int[] rows = planted.Table.RowsOf(Part.Train), requests = Requests.Of(planted.Table, rows);
        string group = planted.Table.Find(FieldRole.Group)!.Name;
        string[] keys = [.. rows.Select(r => string.Join('|', [planted.Table.Codes(group)[r], .. DistinctScenes.FieldsOf(planted.Table).Select(f => planted.Table.Codes(f)[r])]))];
        Assert.Equal(keys.Distinct().Count(), requests.Distinct().Count());
        Assert.Equal(keys.Zip(requests).Distinct().Count(), keys.Distinct().Count());
    }

    [Fact]
    public void Stopping_waits_for_its_patience_after_the_best_score()
    {
        var stopping = new EarlyStopping(2);
        Assert.True(stopping.Improves(.5));
        Assert.False(stopping.Improves(.5));
        Assert.False(stopping.Stop);
        Assert.True(stopping.Improves(.6));
        Assert.False(stopping.Improves(.4));
        Assert.False(stopping.Improves(.55));
        Assert.True(stopping.Stop);
        Assert.Equal(.6, stopping.Best);
    }

    [Fact]
    public void A_rise_within_the_least_difference_is_none()
    {
        var stopping = new EarlyStopping(2, .25);
        Assert.True(stopping.Improves(.25));
        Assert.False(stopping.Improves(.5));
        Assert.True(stopping.Improves(.625));
        Assert.False(stopping.Improves(.75));
        Assert.False(stopping.Improves(.875));
        Assert.True(stopping.Stop);
        Assert.Equal(.625, stopping.Best);
    }
}
