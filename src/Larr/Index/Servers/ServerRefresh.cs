using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>
/// Brings an index on a server up to date, as <see cref="IndexRefresh"/> does a local one: only what changed is embedded, the other vectors are taken from
/// the live generation; the new generation is filled aside, checked, and made live in one atomic step. Whatever fails before that step, readers
/// see the generation they saw. What a failed run left is deleted by the next.
/// </summary>
/// <remarks>On PostgreSQL a second writer is refused while the first is at work. On Qdrant, which has no such lock, two at a time cannot mix, since each fills
/// a generation of its own; the one that starts last takes the other's away, and that one fails.</remarks>
public static class ServerRefresh
{
    /// <summary>Plans without writing anything.</summary>
    public static async Task<IndexPlan> Plan(IIndexServer server, VectorIdentity identity, IReadOnlyList<ValueText> wanted, CancellationToken cancel = default) =>
        (await Compare(server, await Live(server, identity, cancel), wanted, cancel)).Plan;

    /// <summary>Refreshes the index so that it holds exactly the wanted rows.</summary>
    /// <param name="config">How many generations to keep, and the server.</param>
    /// <param name="server">The server.</param>
    /// <param name="identity">What <paramref name="embed"/> makes its vectors with.</param>
    /// <param name="wanted">All rows, in any order, each (field, value) once.</param>
    /// <param name="embed">Texts → unit vectors in the same order.</param>
    /// <param name="cancel">Stops between two requests; readers see the old generation.</param>
    /// <exception cref="InputException">The index is of another identity, a row is wrong, another writer is at work, or the server fails for longer than it is tried again.</exception>
    /// <exception cref="IndexGateException">A check failed; the live generation is what it was.</exception>
    public static async Task<RefreshReport> Run(
        IndexConfig config, IIndexServer server, VectorIdentity identity, IReadOnlyList<ValueText> wanted, Func<IReadOnlyList<string>, float[][]> embed, CancellationToken cancel = default)
    {
        if (wanted.Count == 0) throw new IndexGateException("count", "there are no rows");
        await using IAsyncDisposable held = await server.Lock(cancel);
        GenerationName? live = await Live(server, identity, cancel);
        ServerComparison comparison = await Compare(server, live, wanted, cancel);
        if (live is not null && comparison.Plan.IsEmpty)
        {
            await ServerGenerations.Collect(server, config.KeepGenerations, unfinished: true, cancel);
            return new RefreshReport(comparison.Plan, live.Number, Published: false, Recall: null);
        }

        float[][] vectors = await Embed(config, server, live, comparison, embed, cancel);
        await ServerGenerations.Collect(server, int.MaxValue, unfinished: true, cancel);
        GenerationName next = GenerationName.New(config.Server.Name, (live?.Number ?? 0) + 1);
        await server.Create(next, identity, cancel);
        await Fill(config.Server.Batch, server, live, next, comparison, vectors, cancel);
        await server.Finish(next, cancel);
        double? recall = await ServerGates.Check(server, next, comparison, config.MinRecall, cancel);
        await server.Publish(next, cancel);
        if (await server.Live(cancel) != next) throw new InputException(server.Place, $"another writer published while generation {next.Number} was being made; run the refresh again");
        await ServerGenerations.Collect(server, config.KeepGenerations, unfinished: false, cancel);
        return new RefreshReport(comparison.Plan, next.Number, Published: true, recall);
    }

    /// <summary>The live generation, if it is of the identity.</summary>
    static async Task<GenerationName?> Live(IIndexServer server, VectorIdentity identity, CancellationToken cancel)
    {
        if (await server.Live(cancel) is not { } live) return null;
        VectorIdentity found = await server.Identity(live, cancel);
        return found == identity ? live : throw new InputException(server.Place, "identity", found.ToString(), $"{identity}; vectors of different identities are never mixed");
    }

    static Task<ServerComparison> Compare(IIndexServer server, GenerationName? live, IReadOnlyList<ValueText> wanted, CancellationToken cancel) =>
        ServerComparison.Of(wanted, live is null ? AsyncEnumerable.Empty<ServerRow>() : server.Rows(live, cancel));

    /// <summary>Embeds what must be, and a few reused texts with it, to compare with their stored vectors.</summary>
    static async Task<float[][]> Embed(
        IndexConfig config, IIndexServer server, GenerationName? live, ServerComparison comparison, Func<IReadOnlyList<string>, float[][]> embed, CancellationToken cancel)
    {
        int[] anew = [.. comparison.Embedded];
        if (anew.Length == 0) return [];
        int[] reused = [.. Enumerable.Range(0, comparison.Wanted.Count).Except(anew)];
        int count = Math.Min(config.Canaries, reused.Length);
        int[] canary = [.. Enumerable.Range(0, count).Select(c => reused[(long)reused.Length * c / count])];
        float[][] vectors = embed([.. anew.Concat(canary).Select(w => comparison.Wanted[w].Text)]);
        if (vectors.Length != anew.Length + count) throw new ArgumentException($"{vectors.Length} vectors for {anew.Length + count} texts", nameof(embed));
        if (count == 0) return vectors;

        IReadOnlyDictionary<Guid, float[]> stored = await server.Vectors(live!, [.. canary.Select(w => comparison.Ids[w])], cancel);
        for (int c = 0; c < count; c++)
        {
            float cosine = stored.TryGetValue(comparison.Ids[canary[c]], out float[]? vector) ? TensorPrimitives.CosineSimilarity(vectors[anew.Length + c], vector) : float.NaN;
            if (!(cosine >= IndexRefresh.SameModel))
                throw new IndexGateException("model", $"\"{comparison.Wanted[canary[c]].Text}\" embedded again has cosine {cosine} to its stored vector");
        }
        return vectors[..anew.Length];
    }

    /// <summary>Stores all rows, batch by batch; the vectors of unchanged rows come from the live generation.</summary>
    static async Task Fill(int batch, IIndexServer server, GenerationName? live, GenerationName next, ServerComparison comparison, float[][] embedded, CancellationToken cancel)
    {
        int used = 0;
        foreach (int[] places in Enumerable.Range(0, comparison.Wanted.Count).Chunk(batch))
        {
            int first = used;
            while (used < comparison.Embedded.Count && comparison.Embedded[used] <= places[^1]) used++;
            Dictionary<int, float[]> own = Enumerable.Range(first, used - first).ToDictionary(e => comparison.Embedded[e], e => embedded[e]);
            Guid[] reused = [.. places.Where(w => !own.ContainsKey(w)).Select(w => comparison.Ids[w])];
            IReadOnlyDictionary<Guid, float[]> stored = reused.Length == 0 ? new Dictionary<Guid, float[]>() : await server.Vectors(live!, reused, cancel);
            float[] Vector(int w) => own.GetValueOrDefault(w) ?? stored.GetValueOrDefault(comparison.Ids[w])
                ?? throw new IndexGateException("rows", $"generation {live!.Number} no longer holds ({comparison.Wanted[w].Field}, {comparison.Wanted[w].Value})");
            await server.Add(next, [.. places.Select(w => new ServerPoint(comparison.Ids[w], comparison.Wanted[w], comparison.Hashes.Span[w], Vector(w)))], cancel);
        }
    }
}
