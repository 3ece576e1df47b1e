using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

public sealed class RefreshTests
{
    [Fact]
    public void Only_changed_and_new_texts_are_embedded()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(20);
        Assert.Equal(new IndexPlan(0, 0, 20, 0, 0), Rows.Refresh(folder, rows).Plan);

        ValueText[] wanted = [.. rows[2..], new ValueText("meal", "brunch", "it is brunch", 1)];
        wanted[0] = wanted[0] with { Text = "another text" };
        wanted[1] = wanted[1] with { Popularity = 99 };
        var plan = new IndexPlan(Unchanged: 17, Changed: 1, New: 1, Deleted: 2, Popularity: 1);
        Assert.Equal(plan, IndexRefresh.Plan(folder, Rows.Identity, wanted));
        Assert.Equal(1, folder.LiveNumber);

        var embedded = new List<string>();
        RefreshReport report = IndexRefresh.Run(new IndexConfig { Canaries = 0 }, folder, Rows.Identity, wanted, texts =>
        {
            embedded.AddRange(texts);
            return Rows.Embed(texts);
        });
        Assert.Equal(new RefreshReport(plan, 2, Published: true, Recall: null), report);
        Assert.Equal(["another text", "it is brunch"], embedded.Order());
        using Generation live = folder.OpenLive();
        foreach (ValueText row in wanted)
        {
            Assert.True(live.TryGet(row.Field, row.Value, out int at));
            Assert.Equal(row, live.Row(at));
            Assert.Equal(Rows.Vector(row.Text), live.Vector(at).ToArray());
        }
        Assert.False(live.TryGet(rows[0].Field, rows[0].Value, out _));
    }

    [Fact]
    public void A_refresh_that_changes_nothing_publishes_nothing()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(5));
        RefreshReport again = IndexRefresh.Run(new IndexConfig(), folder, Rows.Identity, Rows.Of(5), _ => throw new InvalidOperationException("nothing to embed"));
        Assert.Equal((1, false), (again.Generation, again.Published));
    }

    [Fact]
    public void A_refreshed_index_whose_segments_were_merged_has_the_bytes_of_one_built_anew()
    {
        using TemporaryFolder refreshed = new(), anew = new();
        Rows.Refresh(new IndexFolder(refreshed.Path), Rows.Of(10));
        Rows.Refresh(new IndexFolder(refreshed.Path), Rows.Of(30));
        Rows.Refresh(new IndexFolder(anew.Path), [.. Rows.Of(30).Reverse()]);
        foreach (string name in IndexFormat.SegmentFiles.Append("checksums").Select(f => "segment/" + f).Concat(IndexFormat.GenerationFiles.Select(f => "generation/" + f)))
            Assert.Equal(File.ReadAllBytes(anew.At(name.Replace("/", "-000001/"))), File.ReadAllBytes(refreshed.At(name.Replace("/", "-000002/"))));
    }

    [Fact]
    public void A_row_wanted_twice_is_refused()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        string Message(params ValueText[] rows) => Assert.Throws<InputException>(() => Rows.Refresh(folder, rows)).Message;
        ValueText row = Rows.Of(1)[0];
        Assert.Contains("(meal, value 0): found the same value twice", Message(row, row with { Text = "another" }));
        Rows.Refresh(folder, [row]);
        Assert.Contains("(meal, value 0): found the same value twice", Message(row, row));
    }

    [Fact]
    public void Vectors_of_another_type_are_refused()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3));
        Assert.Contains("found Int8; expected Float32", Assert.Throws<InputException>(() => Rows.Refresh(folder, Rows.Of(4), new IndexConfig { Type = VectorType.Int8 })).Message);
    }

    [Fact]
    public void A_model_that_no_longer_gives_the_stored_vectors_does_not_pass_the_gate()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        byte[] pointer = File.ReadAllBytes(temporary.At("live"));

        IndexGateException failed = Assert.Throws<IndexGateException>(() =>
            IndexRefresh.Run(new IndexConfig(), folder, Rows.Identity, Rows.Of(11), texts => [.. texts.Select(t => Rows.Vector("another model's " + t))]));
        Assert.Equal("model", failed.Gate);
        AssertOnlyTheFirstIsThere(temporary, pointer);
    }

    [Fact]
    public void A_gate_that_fails_after_building_leaves_the_old_generation_live_and_nothing_else()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        byte[] pointer = File.ReadAllBytes(temporary.At("live"));

        using (OwnedLock held = folder.Lock())
        using (Generation live = folder.OpenLive())
        {
            IndexComparison wanted = IndexComparison.Of(Rows.Of(11), live);
            Assert.Throws<IndexGateException>(() => folder.Publish(held, live,
                new GenerationWriter(folder, new IndexConfig(), Rows.Identity, wanted, live, [Rows.Vector("t")]).Write, built => IndexVerify.Check(built, expectedCount: 12)));
        }
        AssertOnlyTheFirstIsThere(temporary, pointer);
        Assert.Equal("count", Assert.Throws<IndexGateException>(() => Rows.Refresh(folder, [])).Gate);
        AssertOnlyTheFirstIsThere(temporary, pointer);
    }

    [Fact]
    public void A_failed_gate_is_one_line_whatever_the_rows_hold() =>
        Assert.Equal(@"gate rows failed: (meal, a\u000ab) is not found; the live generation stays as it was", new IndexGateException("rows", "(meal, a\nb) is not found").Message);

    [Fact]
    public void An_approximate_index_that_finds_too_little_does_not_pass_the_gate()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        byte[] pointer = File.ReadAllBytes(temporary.At("live"));
        var config = new IndexConfig { ApproximateFrom = 1000, Recall = 0.01, MinRecall = 0.99 };
        Assert.Equal("recall", Assert.Throws<IndexGateException>(() => Rows.Refresh(folder, Rows.Of(3000), config)).Gate);
        AssertOnlyTheFirstIsThere(temporary, pointer);
    }

    [Fact]
    public void Vectors_of_another_model_are_refused_with_both_identities_named()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        foreach (VectorIdentity other in new[] { Rows.Identity with { Model = "model-b" }, Rows.Identity with { Template = "template-b" }, Rows.Identity with { Pooling = "lastToken" } })
        {
            string message = Assert.Throws<InputException>(() => IndexRefresh.Run(new IndexConfig(), folder, other, Rows.Of(11), Rows.Embed)).Message;
            Assert.Contains(Rows.Identity.ToString(), message);
            Assert.Contains(other.ToString(), message);
            Assert.Equal(message, Assert.Throws<InputException>(() => folder.OpenLive(other)).Message);
            Assert.Equal(message, Assert.Throws<InputException>(() => IndexRefresh.Plan(folder, other, Rows.Of(1))).Message);
        }
        Assert.Equal(1, folder.LiveNumber);
    }

    static void AssertOnlyTheFirstIsThere(TemporaryFolder temporary, byte[] pointer)
    {
        Assert.Equal(pointer, File.ReadAllBytes(temporary.At("live")));
        Assert.Equal([temporary.At("generation-000001"), temporary.At("segment-000001")], Directory.EnumerateDirectories(temporary.Path).Order());
    }
}
