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
        var folder = new IndexFolder(temporary.Path);
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
        Assert.Equal(new RefreshReport(plan, 2, true), report);
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
        var folder = new IndexFolder(temporary.Path);
        Rows.Refresh(folder, Rows.Of(5));
        RefreshReport again = IndexRefresh.Run(new IndexConfig(), folder, Rows.Identity, Rows.Of(5), _ => throw new InvalidOperationException("nothing to embed"));
        Assert.Equal((1, false), (again.Generation, again.Published));
    }

    [Fact]
    public void A_refreshed_index_has_the_bytes_of_one_built_anew()
    {
        using TemporaryFolder refreshed = new(), anew = new();
        Rows.Refresh(new IndexFolder(refreshed.Path), Rows.Of(10));
        Rows.Refresh(new IndexFolder(refreshed.Path), Rows.Of(30));
        Rows.Refresh(new IndexFolder(anew.Path), [.. Rows.Of(30).Reverse()]);
        foreach (string name in new[] { "ids", "hashes", "slots", "values.offsets", "values", "texts.offsets", "texts", "popularity", "vectors", "checksums" })
            Assert.Equal(File.ReadAllBytes(anew.At($"generation-000001/{name}")), File.ReadAllBytes(refreshed.At($"generation-000002/{name}")));
    }

    [Fact]
    public void A_model_that_no_longer_gives_the_stored_vectors_does_not_pass_the_gate()
    {
        using var temporary = new TemporaryFolder();
        var folder = new IndexFolder(temporary.Path);
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
        var folder = new IndexFolder(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        byte[] pointer = File.ReadAllBytes(temporary.At("live"));

        using (OwnedLock held = folder.Lock())
            Assert.Throws<IndexGateException>(() => folder.Publish(held, Rows.Identity, writer =>
                writer.Add(new ValueText("f", "v", "t", 1), Rows.Vector("t")), built => IndexVerify.Check(built, expectedCount: 2)));
        AssertOnlyTheFirstIsThere(temporary, pointer);

        using (OwnedLock held = folder.Lock())
            Assert.Throws<IndexGateException>(() => folder.Publish(held, Rows.Identity, _ => { }, built => IndexVerify.Check(built)));
        AssertOnlyTheFirstIsThere(temporary, pointer);
    }

    [Fact]
    public void Vectors_of_another_model_are_refused_with_both_identities_named()
    {
        using var temporary = new TemporaryFolder();
        var folder = new IndexFolder(temporary.Path);
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
        Assert.Equal([temporary.At("generation-000001")], Directory.EnumerateDirectories(temporary.Path));
    }
}
