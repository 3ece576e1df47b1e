using System.Diagnostics;
using System.Runtime.CompilerServices;
using Larr.Embed;
using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Index.Qdrant;

/// <summary>
/// An index on a Qdrant server: a collection for each generation, with the identity in its metadata, and an alias that readers use.
/// Distance is cosine; the payload's field (keyword) and popularity (integer) are indexed for filters.
/// </summary>
public sealed class QdrantServer : IIndexServer
{
    readonly ServerConfig _config;
    readonly QdrantHttp _http;

    /// <summary>A server at an address.</summary>
    public QdrantServer(ServerConfig config) : this(config, inner: null) { }

    internal QdrantServer(ServerConfig config, HttpMessageHandler? inner)
    {
        GenerationName.CheckPrefix(config.Name);
        (_config, _http) = (config, new QdrantHttp(config, inner));
    }

    /// <inheritdoc/>
    public string Place => $"{_config.Url} alias {_config.Name}";

    /// <inheritdoc/>
    public async Task<GenerationName?> Live(CancellationToken cancel)
    {
        Aliases aliases = await _http.Send(HttpMethod.Get, "aliases", null, QdrantJson.Default.AliasList, cancel);
        if (Array.Find(aliases.All, a => a.AliasName == _config.Name) is not { } alias) return null;
        return GenerationName.Parse(_config.Name, alias.CollectionName) ?? throw new InputException(Place, "collection", alias.CollectionName, "a generation that larr index refresh made");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GenerationName>> List(CancellationToken cancel)
    {
        Collections collections = await _http.Send(HttpMethod.Get, "collections", null, QdrantJson.Default.CollectionList, cancel);
        return [.. collections.All.Select(c => GenerationName.Parse(_config.Name, c.Name)).OfType<GenerationName>()];
    }

    /// <inheritdoc/>
    public async Task<VectorIdentity> Identity(GenerationName generation, CancellationToken cancel) =>
        (await Info(generation, cancel)).Config.Metadata is { Model: { } model, Tokenizer: { } tokenizer, Template: { } template, Pooling: { } pooling } metadata
            ? new VectorIdentity(model, tokenizer, template, pooling, metadata.Dimension)
            : throw new InputException(Place, "metadata", $"{generation.Name} without an identity", "a generation that larr index refresh made");

    /// <inheritdoc/>
    public async IAsyncEnumerable<ServerRow> Rows(GenerationName generation, [EnumeratorCancellation] CancellationToken cancel)
    {
        Guid? next = null;
        do
        {
            var request = new ScrollRequest(next, _config.Batch, ["hash", "popularity"], WithVector: false);
            ScrollResult page = await _http.Send(HttpMethod.Post, $"collections/{generation.Name}/points/scroll", QdrantHttp.Json(request, QdrantJson.Default.ScrollRequest), QdrantJson.Default.Scrolled, cancel);
            foreach (Record point in page.Points)
                yield return new ServerRow(point.Id, RowId.FromHex(point.Payload?.Hash) ?? throw Wrong(generation, point.Id), point.Payload!.Popularity);
            next = page.NextPageOffset;
        }
        while (next is not null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<Guid, float[]>> Vectors(GenerationName generation, IReadOnlyList<Guid> ids, CancellationToken cancel)
    {
        var request = new PointRequest([.. ids], WithPayload: false, WithVector: true);
        Record[] found = await _http.Send(HttpMethod.Post, $"collections/{generation.Name}/points", QdrantHttp.Json(request, QdrantJson.Default.PointRequest), QdrantJson.Default.Retrieved, cancel);
        return found.ToDictionary(p => p.Id, p => p.Vector ?? throw Wrong(generation, p.Id));
    }

    /// <summary>Keeps nobody out: a lock made of a collection or an alias would outlive a writer that was killed, and nothing says that its holder is dead.</summary>
    public Task<IAsyncDisposable> Lock(CancellationToken cancel) => Task.FromResult<IAsyncDisposable>(new NoLock());

    /// <inheritdoc/>
    public async Task Create(GenerationName generation, VectorIdentity identity, CancellationToken cancel)
    {
        var request = new CreateCollection(
            new VectorParams(identity.Dimension, "Cosine"), _config.Quantise ? new QuantizationConfig(new ScalarQuantization("int8", 0.99f)) : null,
            new CollectionMetadata(identity.Model, identity.Tokenizer, identity.Template, identity.Pooling, identity.Dimension));
        try
        {
            await _http.Send(HttpMethod.Put, $"collections/{generation.Name}", QdrantHttp.Json(request, QdrantJson.Default.CreateCollection), QdrantJson.Default.Done, cancel);
        }
        catch (InputException)
        {
            // An attempt whose answer was lost may have made it: nobody else draws this name.
            if (!(await List(cancel)).Contains(generation)) throw;
        }
        foreach ((string field, string type) in new[] { ("field", "keyword"), ("value", "keyword"), ("popularity", "integer") })
            await _http.Send(HttpMethod.Put, $"collections/{generation.Name}/index?wait=true",
                QdrantHttp.Json(new CreateFieldIndex(field, type), QdrantJson.Default.CreateFieldIndex), QdrantJson.Default.Updated, cancel);
    }

    /// <inheritdoc/>
    public Task Add(GenerationName generation, IReadOnlyList<ServerPoint> points, CancellationToken cancel)
    {
        var request = new PointsList([.. points.Select(p => new PointStruct(
            p.Id, p.Vector, new Payload(p.Text.Field, p.Text.Value, p.Text.Text, p.Text.Popularity, RowId.Hex(p.Hash))))]);
        return _http.Send(HttpMethod.Put, $"collections/{generation.Name}/points?wait=true", QdrantHttp.Json(request, QdrantJson.Default.PointsList), QdrantJson.Default.Updated, cancel);
    }

    /// <summary>Waits until the collection is green.</summary>
    public async Task Finish(GenerationName generation, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan pause = TimeSpan.FromMilliseconds(5); ; pause = TimeSpan.FromSeconds(Math.Min(5, pause.TotalSeconds * 1.5)))
        {
            string status = (await Info(generation, cancel)).Status;
            if (status == "green") return;
            // Grey: optimisations wait for the next update, as after a restart; rows are searched in full until then.
            if (status == "red") throw new IndexGateException("index", $"the status of {generation.Name} is red");
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > _config.IndexSeconds)
                throw new IndexGateException("index", $"{generation.Name} is still {status} after {_config.IndexSeconds} seconds");
            await Task.Delay(pause, cancel);
        }
    }

    /// <inheritdoc/>
    public async Task<long> Count(GenerationName generation, CancellationToken cancel) =>
        (await _http.Send(HttpMethod.Post, $"collections/{generation.Name}/points/count", QdrantHttp.Json(new CountRequest(Exact: true), QdrantJson.Default.CountRequest), QdrantJson.Default.Counted, cancel)).Count;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServerHit>> Nearest(GenerationName generation, float[] query, int k, bool exact, SearchFilter filter, CancellationToken cancel)
    {
        var request = new QueryRequest(query, k, Conditions(filter) is { Length: > 0 } must ? new Filter(must) : null, new SearchParams(exact), WithPayload: true);
        QueryResponse found = await _http.Send(HttpMethod.Post, $"collections/{generation.Name}/points/query", QdrantHttp.Json(request, QdrantJson.Default.QueryRequest), QdrantJson.Default.Queried, cancel);
        return [.. found.Points.Select(p => p.Payload is { Field: { } name, Value: { } value, Text: { } text } payload && RowId.FromHex(payload.Hash) is { } hash
            ? new ServerHit(p.Id, new ValueText(name, value, text, payload.Popularity), hash, p.Score)
            : throw Wrong(generation, p.Id))];
    }

    /// <summary>One request takes the alias away and gives it to the generation: Qdrant carries out a list of alias actions as one.</summary>
    public async Task Publish(GenerationName generation, CancellationToken cancel)
    {
        var request = new ChangeAliases([
            new AliasOperation(null, new DeleteAlias(_config.Name)),
            new AliasOperation(new CreateAlias(generation.Name, _config.Name), null),
        ]);
        await _http.Send(HttpMethod.Post, "collections/aliases", QdrantHttp.Json(request, QdrantJson.Default.ChangeAliases), QdrantJson.Default.Done, cancel);
    }

    /// <inheritdoc/>
    public Task Delete(GenerationName generation, CancellationToken cancel) =>
        _http.Ask(HttpMethod.Delete, $"collections/{generation.Name}", null, QdrantJson.Default.Done, cancel);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    static FieldCondition[] Conditions(SearchFilter filter)
    {
        var must = new List<FieldCondition>();
        if (filter.Field is { } field) must.Add(new FieldCondition("field", new Match(field, null), null));
        if (filter.Values is { } values) must.Add(new FieldCondition("value", new Match(null, [.. values]), null));
        if (filter.MinPopularity > long.MinValue) must.Add(new FieldCondition("popularity", null, new Range(filter.MinPopularity)));
        return [.. must];
    }

    Task<CollectionInfo> Info(GenerationName generation, CancellationToken cancel) =>
        _http.Send(HttpMethod.Get, $"collections/{generation.Name}", null, QdrantJson.Default.Info, cancel);

    InputException Wrong(GenerationName generation, Guid id) => new(Place, $"point {id} of {generation.Name}", "a payload or vector missing", "a row that larr index refresh stored");

    sealed class NoLock : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
