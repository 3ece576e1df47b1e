using CsCheck;
using Larr.Embed;
using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>Generations share segments: a refresh writes only what is fresh, and merges when there is too much of it.</summary>
public sealed class SegmentTests
{
    [Fact]
    public void A_small_change_writes_a_small_segment_beside_the_large_one()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(1000);
        Rows.Refresh(folder, rows);
        ValueText[] wanted = [.. Rows.Changed(rows, 10, "now")[5..], new ValueText("meal", "brunch", "it is brunch", 3)];
        Rows.Refresh(folder, wanted);

        using Generation live = folder.OpenLive();
        Assert.Equal([(1, 1000, 985), (2, 11, 11)], live.Header.Segments.Select(s => (s.Segment, s.Rows, s.Live)));
        Rows.AssertHolds(live, wanted);
        IndexVerify.Check(live, wanted.Length);
        Assert.False(live.TryGet(rows[0].Field, rows[0].Value, out _));
        using Generation before = folder.Open(1);
        Rows.AssertHolds(before, rows);
    }

    [Fact]
    public void Only_deletions_or_popularities_write_no_segment()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(100);
        Rows.Refresh(folder, rows);
        Rows.Refresh(folder, [.. rows[3..].Select(r => r with { Popularity = 7 })]);
        Assert.Equal([1], folder.ListSegments());
        using Generation live = folder.OpenLive();
        Rows.AssertHolds(live, [.. rows[3..].Select(r => r with { Popularity = 7 })]);
    }

    [Fact]
    public void A_segment_with_too_many_dead_rows_is_written_anew_without_them()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(100);
        Rows.Refresh(folder, rows);
        Rows.Refresh(folder, rows[25..], new IndexConfig { KeepGenerations = 1 });
        using Generation live = folder.OpenLive();
        Assert.Equal([(2, 75, 75)], live.Header.Segments.Select(s => (s.Segment, s.Rows, s.Live)));
        Rows.AssertHolds(live, rows[25..]);
        Assert.Equal([2], folder.ListSegments());
    }

    [Theory]
    [InlineData(new[] { 1000 }, new[] { 990 }, 10, new[] { false })]
    [InlineData(new[] { 1000, 10 }, new[] { 980, 10 }, 10, new[] { false, true })] // like a binary counter: 10 + 10
    [InlineData(new[] { 1000, 20, 10 }, new[] { 970, 20, 10 }, 10, new[] { false, true, true })] // 10 + 10, then 20 + 20
    [InlineData(new[] { 1000, 40 }, new[] { 960, 40 }, 10, new[] { false, false })]
    [InlineData(new[] { 1000, 40 }, new[] { 700, 40 }, 10, new[] { true, true })] // three in ten dead
    [InlineData(new[] { 1000, 10 }, new[] { 1000, 0 }, 0, new[] { false, false })]
    public void Segments_are_merged_like_the_digits_of_a_binary_counter(int[] rows, int[] stay, int fresh, bool[] anew) =>
        Assert.Equal(anew, Compaction.Choose([.. rows.Select((r, i) => new SegmentUse(i + 1, r, r, 0))], stay, fresh, 0.25));

    [Fact]
    public void After_any_sequence_of_refreshes_the_index_holds_exactly_the_last_rows()
    {
        Gen.Int[0, 60].Array[0, 40].Array[1, 6].Sample(steps =>
        {
            using var temporary = new TemporaryFolder();
            IndexFolder folder = Rows.Unflushed(temporary.Path);
            for (int step = 0; step < steps.Length; step++)
            {
                // The number decides the value, and with the step whether its text is another one.
                ValueText[] wanted = [.. steps[step].Append(61).Distinct().Select(i => new ValueText($"f{i % 3}", $"v{i}", $"text {i} {(i % 4 == 0 ? step : 0)}", step % 2))];
                Rows.Refresh(folder, wanted, new IndexConfig { KeepGenerations = 2 });
                using Generation live = folder.OpenLive();
                Rows.AssertHolds(live, wanted);
                Assert.Equal(wanted.GroupBy(w => w.Field).OrderBy(f => f.Key).Select(f => new FieldCount(f.Key, f.Count())), live.Header.Fields);
            }
            foreach (int number in folder.List())
            {
                using Generation kept = folder.Open(number);
                IndexVerify.Check(kept);
            }
        }, iter: 8, threads: 1);
    }

    [Fact]
    public void Statistics_say_what_there_is()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(3000);
        var config = new IndexConfig { ApproximateFrom = 2000 };
        Rows.Refresh(folder, rows, config);
        Rows.Refresh(folder, Rows.Changed(rows, 100, "now"), config);

        IndexStatistics statistics = IndexStatistics.Of(folder);
        Assert.Equal((2, 3000, VectorType.Float32, Rows.Identity), (statistics.Live, statistics.Rows, statistics.Type, statistics.Identity));
        Assert.Equal(new Dictionary<string, int> { ["meal"] = 1000, ["weather"] = 2000 }, statistics.Fields);
        Assert.Equal([(1, 3000, 100), (2, 100, 0)], statistics.Segments.Select(s => (s.Segment, s.Rows, s.Dead)));
        Assert.True(statistics.Segments[0].Lists > 1 && statistics.Segments[0].Recall >= config.Recall && statistics.Segments[1].Lists is null);
        Assert.Equal([(1, false), (2, true)], statistics.Generations.Select(g => (g.Generation, g.Live)));
        long files = Rows.Files(temporary.Path).Where(f => !f.Key.EndsWith("header") && !f.Key.EndsWith("checksums") && f.Key != "live").Sum(f => (long)f.Value.Length);
        Assert.Equal(files, statistics.TotalBytes);
    }
}
