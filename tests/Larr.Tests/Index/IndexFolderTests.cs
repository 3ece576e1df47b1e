using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

public sealed class IndexFolderTests
{
    [Fact]
    public void Rollback_goes_back_one_generation_and_the_next_refresh_takes_a_new_number()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        for (int n = 1; n <= 3; n++) Rows.Refresh(folder, Rows.Of(10 * n));
        using (OwnedLock held = folder.Lock())
        {
            Assert.Equal(2, folder.Rollback(held));
            Assert.Equal(1, folder.Rollback(held));
            Assert.Contains("no generation before", Assert.Throws<InputException>(() => folder.Rollback(held)).Message);
        }
        using (Generation live = folder.OpenLive()) Assert.Equal((1, 10), (live.Number, live.Count));
        Assert.Equal(4, Rows.Refresh(folder, Rows.Of(40)).Generation);
        // What a rollback went back from is no generation to roll back to.
        Assert.Equal([1, 4], folder.List());
        using OwnedLock again = folder.Lock();
        Assert.Equal(1, folder.Rollback(again));
    }

    [Fact]
    public void A_damaged_generation_is_not_rolled_back_to()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(1));
        Rows.Refresh(folder, Rows.Of(2, said: "now"));
        byte[] bytes = File.ReadAllBytes(temporary.At("segment-000001/vectors"));
        bytes[3] ^= 1;
        File.WriteAllBytes(temporary.At("segment-000001/vectors"), bytes);
        using OwnedLock held = folder.Lock();
        Assert.Throws<InputException>(() => folder.Rollback(held));
        Assert.Equal(2, folder.LiveNumber);
    }

    [Fact]
    public void A_lost_pointer_is_named_to_readers_and_made_anew_by_the_next_writer()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Assert.Contains("no live generation here", Assert.Throws<InputException>(() => folder.OpenLive()).Message);
        Rows.Refresh(folder, Rows.Of(1));
        Rows.Refresh(folder, Rows.Of(2));
        File.Delete(temporary.At("live"));
        Assert.StartsWith($"{temporary.At("live")}: block 0 at byte 0: found no file", Assert.Throws<InputException>(() => folder.OpenLive()).Message);
        Assert.Equal(3, Rows.Refresh(folder, Rows.Of(3)).Generation);
        using OwnedLock held = folder.Lock();
        Assert.Equal(2, folder.Rollback(held));
    }

    [Fact]
    public void The_newest_generations_are_kept()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        for (int n = 1; n <= 5; n++) Rows.Refresh(folder, Rows.Of(n));
        Assert.Equal([3, 4, 5], folder.List());
        using OwnedLock held = folder.Lock();
        folder.Rollback(held);
        Assert.Equal([3], folder.Collect(held, keep: 2));
        Assert.Equal([4, 5], folder.List());
    }

    [Fact]
    public void A_reader_keeps_its_generation_though_it_is_deleted()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3000));
        using Generation held = folder.OpenLive();
        for (int n = 0; n < 4; n++) Rows.Refresh(folder, Rows.Of(3001 + n, said: $"round {n}"));
        Assert.DoesNotContain(1, folder.List());
        IndexVerify.Check(held, 3000);
        Assert.Equal("it is value 7", held.Text(held.TryGet("weather", "value 7", out int row) ? row : -1));
    }

    [Fact]
    public async Task Readers_never_fail_while_a_writer_publishes()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(20, said: "round 0"));
        using var stop = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            int reads = 0;
            for (; !stop.IsCancellationRequested || reads == 0; reads++)
            {
                using Generation live = new IndexFolder(temporary.Path).OpenLive();
                Assert.True(live.TryGet("weather", "value 7", out int row));
                Assert.Equal($"round {live.Number - 1} value 7", live.Text(row));
                Assert.Equal(Rows.Vector(live.Text(row)), live.Vector(row).ToArray());
            }
            return reads;
        }))];
        for (int round = 1; round <= 10; round++)
            IndexRefresh.Run(new IndexConfig { KeepGenerations = 1 }, folder, Rows.Identity, Rows.Of(20, said: $"round {round}"), Rows.Embed);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
    }

    [Fact]
    public void The_second_writer_is_refused_with_the_owners_name()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        using (folder.Lock())
            Assert.Contains($"in use by process {Environment.ProcessId} ", Assert.Throws<InputException>(() => folder.Lock()).Message);
        folder.Lock().Dispose();
    }

    [Fact]
    public void A_dead_writers_lock_is_taken_over_and_its_leftovers_removed()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3));
        File.WriteAllText(temporary.At("writer.lock"), "");
        Directory.CreateDirectory(temporary.At("building"));
        File.WriteAllText(temporary.At("building/vectors"), "half");
        Directory.CreateDirectory(temporary.At("building-segment"));
        Directory.CreateDirectory(temporary.At("deleting-generation-000007"));
        Directory.CreateDirectory(temporary.At("segment-000002"));
        File.WriteAllText(temporary.At("live.new"), "half");
        using OwnedLock held = folder.Lock();
        Assert.Equal([temporary.At("generation-000001"), temporary.At("segment-000001")], Directory.EnumerateDirectories(temporary.Path).Order());
        Assert.False(File.Exists(temporary.At("live.new")));
    }

    [Fact]
    public void A_writer_killed_between_naming_and_switching_is_completed_by_the_next()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3));
        byte[] before = File.ReadAllBytes(temporary.At("live"));
        Rows.Refresh(folder, Rows.Of(4));
        byte[] after = File.ReadAllBytes(temporary.At("live"));
        File.WriteAllBytes(temporary.At("live"), before);

        RefreshReport rerun = Rows.Refresh(folder, Rows.Of(4));
        Assert.Equal((2, false), (rerun.Generation, rerun.Published));
        Assert.Equal(after, File.ReadAllBytes(temporary.At("live")));
    }

    [Fact]
    public void A_generation_that_never_went_live_and_is_not_whole_is_made_anew()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3));
        byte[] before = File.ReadAllBytes(temporary.At("live"));
        Rows.Refresh(folder, Rows.Of(4));
        Dictionary<string, byte[]> whole = Rows.Files(temporary.Path);
        File.WriteAllBytes(temporary.At("live"), before);
        File.WriteAllText(temporary.At("generation-000002/dead"), "half");

        RefreshReport rerun = Rows.Refresh(folder, Rows.Of(4));
        Assert.Equal((2, true), (rerun.Generation, rerun.Published));
        foreach ((string name, byte[] bytes) in Rows.Files(temporary.Path)) Assert.Equal(whole[name], bytes);
    }

    [Fact]
    public void Where_nothing_was_published_there_is_nothing_to_read()
    {
        using var temporary = new TemporaryFolder();
        var folder = new IndexFolder(temporary.At("none"));
        Assert.Null(folder.LiveNumber);
        Assert.Empty(folder.List());
        Assert.Contains("no live generation", Assert.Throws<InputException>(() => folder.OpenLive()).Message);
    }

    [Fact]
    public void Neighbours_of_a_text_and_of_a_value_are_the_nearest_by_meaning()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        var identity = Rows.Identity with { Dimension = 2 };
        var angles = new Dictionary<string, double> { ["coffee"] = 0, ["tea"] = 0.2, ["juice"] = 0.5, ["rain"] = 3 };
        float[] At(string text) => [(float)Math.Cos(angles[text]), (float)Math.Sin(angles[text])];
        IndexRefresh.Run(new IndexConfig(), folder, identity,
            [.. angles.Keys.Select(k => new ValueText(k == "rain" ? "weather" : "drink", k, k, 1))], texts => [.. texts.Select(At)]);
        using Generation live = folder.OpenLive();

        Assert.Equal(["tea", "coffee"], Neighbours.OfText(live, "tea", At, 2).Select(n => n.Value));
        Assert.Equal(["coffee", "juice"], Neighbours.OfValue(live, "drink", "tea", 2).Select(n => n.Value));
        Assert.Equal((float)Math.Cos(0.2), Neighbours.OfValue(live, "drink", "tea", 1)[0].Cosine, 1e-6f);
        Assert.Empty(Neighbours.OfValue(live, "drink", "rain", 2));
    }
}
