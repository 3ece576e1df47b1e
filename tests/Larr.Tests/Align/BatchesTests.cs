using Larr.Align;

namespace Larr.Tests.Align;

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
