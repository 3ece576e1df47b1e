using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace Larr.Index;

/// <summary>
/// The live generation of a local index behind the interface of <c>Microsoft.Extensions.VectorData</c>, for programs that speak it. It
/// holds the generation that was live when it was opened. It is read only: <c>larr index refresh</c> is the writer.
/// Scores are cosines. Any filter expression works; it is tested row by row.
/// </summary>
#pragma warning disable CA1711 // It is a VectorStoreCollection, and such types are called so.
public sealed class LarrVectorCollection : VectorStoreCollection<SceneKey, SceneRecord>
{
    readonly Generation _live;
    readonly IEmbeddingGenerator<string, Embedding<float>>? _embedder;

    /// <summary>Opens the live generation.</summary>
    /// <param name="folder">The index.</param>
    /// <param name="embedder">Turns a searched text into a vector; it must be the index's own model. Null: only vectors are searched for.</param>
    /// <exception cref="Runs.InputException">There is no index, or it is damaged.</exception>
    public LarrVectorCollection(IndexFolder folder, IEmbeddingGenerator<string, Embedding<float>>? embedder = null) =>
        (_live, _embedder, Name) = (folder.OpenLive(), embedder, Path.GetFileName(folder.Path.TrimEnd(Path.DirectorySeparatorChar)));

    /// <summary>Name of the index's folder.</summary>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    /// <summary>Does nothing: an opened index exists.</summary>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public override Task<SceneRecord?> GetAsync(SceneKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(_live.TryGet(key.Field, key.Value, out int row) ? Record(row, options?.IncludeVectors ?? false) : null);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SceneRecord> GetAsync(
        IEnumerable<SceneKey> keys, RecordRetrievalOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (SceneKey key in keys)
            if (await GetAsync(key, options, cancellationToken) is { } record) yield return record;
    }

    /// <summary>The rows that pass the filter, in the order asked for, otherwise in the index's own.</summary>
    public override async IAsyncEnumerable<SceneRecord> GetAsync(
        Expression<Func<SceneRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<SceneRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        Func<SceneRecord, bool> passes = filter.Compile();
        bool vectors = options?.IncludeVectors ?? false;
        IEnumerable<SceneRecord> found = _live.Rows().Select(row => Record(row, vectors)).Where(passes);
        IOrderedEnumerable<SceneRecord>? ordered = null;
        foreach (var sort in options?.OrderBy?.Invoke(new()).Values ?? [])
        {
            Func<SceneRecord, object?> key = sort.PropertySelector.Compile();
            ordered = (ordered, sort.Ascending) switch
            {
                (null, true) => found.OrderBy(key),
                (null, false) => found.OrderByDescending(key),
                (_, true) => ordered.ThenBy(key),
                (_, false) => ordered.ThenByDescending(key),
            };
        }
        foreach (SceneRecord record in (ordered ?? found).Skip(options?.Skip ?? 0).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
        await Task.CompletedTask;
    }

    /// <summary>The rows of the largest cosine that pass the filter, exactly.</summary>
    /// <param name="searchValue">A vector (<c>float[]</c>, <c>ReadOnlyMemory&lt;float&gt;</c>, <c>Embedding&lt;float&gt;</c>), or a text where there is an embedder.</param>
    /// <param name="top">How many.</param>
    /// <param name="options">Filter, rows to skip, threshold, and whether vectors are wanted.</param>
    /// <param name="cancellationToken">Stops between two rows.</param>
    public override async IAsyncEnumerable<VectorSearchResult<SceneRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<SceneRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ReadOnlyMemory<float> query = searchValue switch
        {
            float[] vector => vector,
            ReadOnlyMemory<float> vector => vector,
            Embedding<float> embedding => embedding.Vector,
            string text when _embedder is not null => (await _embedder.GenerateAsync([text], cancellationToken: cancellationToken))[0].Vector,
            string => throw new NotSupportedException("a text is searched for only where the collection was opened with an embedder"),
            _ => throw new NotSupportedException($"searching for a {typeof(TInput).Name} is not supported; give a float vector or a text"),
        };
        Func<SceneRecord, bool>? passes = options?.Filter?.Compile();
        (int skip, bool vectors) = (options?.Skip ?? 0, options?.IncludeVectors ?? false);
        int wanted = (int)Math.Min(_live.Count, (long)skip + top);
        foreach ((SceneRecord record, float score) in Best(query, wanted, passes, vectors).Skip(skip))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (options?.ScoreThreshold is { } least && score < least) yield break;
            yield return new VectorSearchResult<SceneRecord>(record, score);
        }
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is not null ? null
        : serviceType == typeof(VectorStoreCollectionMetadata) ? new VectorStoreCollectionMetadata { VectorStoreSystemName = "larr", CollectionName = Name }
        : serviceType == typeof(Generation) ? _live
        : serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Not supported: the index is read only here.</summary>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => throw ReadOnly();

    /// <inheritdoc cref="EnsureCollectionDeletedAsync"/>
    public override Task DeleteAsync(SceneKey key, CancellationToken cancellationToken = default) => throw ReadOnly();

    /// <inheritdoc cref="EnsureCollectionDeletedAsync"/>
    public override Task UpsertAsync(SceneRecord record, CancellationToken cancellationToken = default) => throw ReadOnly();

    /// <inheritdoc cref="EnsureCollectionDeletedAsync"/>
    public override Task UpsertAsync(IEnumerable<SceneRecord> records, CancellationToken cancellationToken = default) => throw ReadOnly();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _live.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Searches for four times as many rows until enough pass.</summary>
    List<(SceneRecord Record, float Score)> Best(ReadOnlyMemory<float> query, int wanted, Func<SceneRecord, bool>? passes, bool vectors)
    {
        for (long k = wanted; ; k *= 4)
        {
            int most = (int)Math.Min(k, _live.Count);
            var best = new List<(SceneRecord, float)>();
            foreach (Hit hit in _live.Search(query.Span, most))
                if (best.Count < wanted && Record(hit.Row, vectors) is { } record && (passes is null || passes(record))) best.Add((record, hit.Score));
            if (best.Count == wanted || most == _live.Count) return best;
        }
    }

    SceneRecord Record(int row, bool vector) => new()
    {
        Key = new SceneKey(_live.Field(row), _live.Value(row)),
        Text = _live.Text(row),
        Popularity = _live.Popularity(row),
        Vector = vector ? _live.Vector(row).ToArray() : default,
    };

    static NotSupportedException ReadOnly() => new("a LARR index is read only through this interface; larr index refresh writes it");
}
