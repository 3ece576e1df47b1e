using Larr.Index;
using Microsoft.Extensions.VectorData;

namespace Larr.Tests.Index;

public sealed class VectorCollectionTests : IDisposable
{
    readonly TemporaryFolder _temporary = new();
    readonly LarrVectorCollection _rows;

    public VectorCollectionTests()
    {
        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        Rows.Refresh(folder, Rows.Of(30));
        _rows = new LarrVectorCollection(folder);
    }

    [Fact]
    public async Task Records_are_found_by_key()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        SceneRecord? record = await _rows.GetAsync(new SceneKey("meal", "value 3"), new RecordRetrievalOptions { IncludeVectors = true }, cancel);
        Assert.Equal(("it is value 3", 3L), (record!.Text, record.Popularity));
        Assert.Equal(Rows.Vector("it is value 3"), record.Vector.ToArray());
        Assert.Null(await _rows.GetAsync(new SceneKey("meal", "value 4"), cancellationToken: cancel));
        List<SceneRecord> some = await _rows.GetAsync([new SceneKey("meal", "value 6"), new SceneKey("meal", "?"), new SceneKey("weather", "value 1")], cancellationToken: cancel).ToListAsync(cancel);
        Assert.Equal(["value 6", "value 1"], some.Select(r => r.Value));
        Assert.True(some[0].Vector.IsEmpty);
    }

    [Fact]
    public async Task Searches_filter_skip_and_stop_at_a_threshold()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        float[] query = Rows.Vector("it is value 4");
        VectorSearchResult<SceneRecord>[] all = await _rows.SearchAsync(query, 100, cancellationToken: cancel).ToArrayAsync(cancel);
        Assert.Equal(30, all.Length);
        Assert.Equal("value 4", all[0].Record.Value);
        Assert.Equal(1, all[0].Score!.Value, 1e-5);
        Assert.Equal(all.Select(r => r.Score).OrderDescending(), all.Select(r => r.Score));

        var options = new VectorSearchOptions<SceneRecord> { Filter = r => r.Field == "meal" && r.Popularity >= 9, Skip = 1 };
        string[] expected = [.. all.Select(r => r.Record).Where(r => r.Field == "meal" && r.Popularity >= 9).Skip(1).Take(3).Select(r => r.Value)];
        Assert.Equal(expected, (await _rows.SearchAsync(query, 3, options, cancel).ToListAsync(cancel)).Select(r => r.Record.Value));
        Assert.Single(await _rows.SearchAsync(new ReadOnlyMemory<float>(query), 9, new VectorSearchOptions<SceneRecord> { ScoreThreshold = 0.9999 }, cancel).ToListAsync(cancel));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await _rows.SearchAsync("a text", 1, cancellationToken: cancel).ToListAsync(cancel));
    }

    [Fact]
    public async Task Filtered_records_come_in_the_order_asked_for()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        var options = new FilteredRecordRetrievalOptions<SceneRecord> { OrderBy = o => o.Descending(r => r.Popularity), Skip = 1 };
        Assert.Equal([24L, 21L], (await _rows.GetAsync(r => r.Field == "meal", 2, options, cancel).ToListAsync(cancel)).Select(r => r.Popularity));
    }

    [Fact]
    public async Task Writing_is_refused()
    {
        var key = new SceneKey("meal", "value 3");
        SceneRecord record = (await _rows.GetAsync(key, cancellationToken: TestContext.Current.CancellationToken))!;
        Assert.Contains("read only", Assert.Throws<NotSupportedException>(() => { _ = _rows.UpsertAsync(record, TestContext.Current.CancellationToken); }).Message);
        Assert.Throws<NotSupportedException>(() => { _ = _rows.UpsertAsync([record], TestContext.Current.CancellationToken); });
        Assert.Throws<NotSupportedException>(() => { _ = _rows.DeleteAsync(key, TestContext.Current.CancellationToken); });
        Assert.Throws<NotSupportedException>(() => { _ = _rows.EnsureCollectionDeletedAsync(TestContext.Current.CancellationToken); });
        Assert.True(await _rows.CollectionExistsAsync(TestContext.Current.CancellationToken));
        Assert.Equal("larr", ((VectorStoreCollectionMetadata)_rows.GetService(typeof(VectorStoreCollectionMetadata))!).VectorStoreSystemName);
    }

    public void Dispose()
    {
        _rows.Dispose();
        _temporary.Dispose();
    }
}
