using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>What a refresh did.</summary>
/// <param name="Plan">The counts.</param>
/// <param name="Generation">The live generation afterwards.</param>
/// <param name="Published">False where nothing had changed.</param>
public sealed record RefreshReport(IndexPlan Plan, int Generation, bool Published);

/// <summary>
/// Brings an index up to date: only texts whose content hash changed are embedded, the vectors of the rest are reused;
/// the new generation is built aside, verified and published by one rename. Readers never wait.
/// </summary>
public static class IndexRefresh
{
    /// <summary>Below this cosine between a stored vector and the same text embedded again, the model is not the one it claims to be. Our choice: far above bfloat16's rounding.</summary>
    const float SameModel = 0.99f;

    /// <summary>Plans without writing anything.</summary>
    public static IndexPlan Plan(IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> wanted)
    {
        using Generation? live = folder.LiveNumber is null ? null : folder.OpenLive(identity);
        return IndexPlan.Compare(InOrder(wanted), live);
    }

    /// <summary>Refreshes the index so that it holds exactly the wanted rows.</summary>
    /// <param name="config">How many generations to keep.</param>
    /// <param name="folder">The index; an empty folder gets its first generation.</param>
    /// <param name="identity">What <paramref name="embed"/> makes its vectors with.</param>
    /// <param name="wanted">All rows, in any order, each (field, value) once.</param>
    /// <param name="embed">Texts → unit vectors in the same order.</param>
    /// <exception cref="InputException">The index is of another identity or damaged, another writer is at work, or a row is wrong.</exception>
    /// <exception cref="IndexGateException">A check failed; the live generation is what it was.</exception>
    public static RefreshReport Run(
        IndexConfig config, IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> wanted, Func<IReadOnlyList<string>, float[][]> embed)
    {
        using OwnedLock held = folder.Lock();
        using Generation? live = folder.LiveNumber is null ? null : folder.OpenLive(identity);
        ValueText[] rows = InOrder(wanted);
        IndexPlan plan = IndexPlan.Compare(rows, live);
        if (live is not null && plan.IsEmpty) return new RefreshReport(plan, live.Number, Published: false);

        int[] reused = [.. rows.Select(r => live is not null && live.TryGet(r.Field, r.Value, out int row) && live.Hash(row) == r.Hash ? row : -1)];
        float[][] vectors = Embed(config, rows, reused, live, embed);
        int generation = folder.Publish(held, identity, writer =>
        {
            int next = 0;
            for (int r = 0; r < rows.Length; r++) writer.Add(rows[r], reused[r] < 0 ? vectors[next++] : live!.Vector(reused[r]));
        },
        built => IndexVerify.Check(built, rows.Length));
        folder.Collect(held, config.KeepGenerations);
        return new RefreshReport(plan, generation, Published: true);
    }

    /// <summary>Embeds what must be, and a few reused texts with it, to compare with their stored vectors.</summary>
    static float[][] Embed(IndexConfig config, ValueText[] rows, int[] reused, Generation? live, Func<IReadOnlyList<string>, float[][]> embed)
    {
        string[] texts = [.. rows.Where((_, r) => reused[r] < 0).Select(r => r.Text)];
        if (texts.Length == 0) return [];
        int[] kept = [.. Enumerable.Range(0, rows.Length).Where(r => reused[r] >= 0)];
        int canaries = Math.Min(config.Canaries, kept.Length);
        int[] canary = [.. Enumerable.Range(0, canaries).Select(c => kept[(int)((long)kept.Length * c / canaries)])];
        float[][] vectors = embed([.. texts, .. canary.Select(r => rows[r].Text)]);
        if (vectors.Length != texts.Length + canaries) throw new ArgumentException($"{vectors.Length} vectors for {texts.Length + canaries} texts", nameof(embed));

        for (int c = 0; c < canaries; c++)
        {
            float cosine = TensorPrimitives.CosineSimilarity(vectors[texts.Length + c], live!.Vector(reused[canary[c]]));
            if (!(cosine >= SameModel))
                throw new IndexGateException("model", $"\"{rows[canary[c]].Text}\" embedded again has cosine {cosine} to its stored vector");
        }
        return vectors[..texts.Length];
    }

    static ValueText[] InOrder(IReadOnlyList<ValueText> rows)
    {
        ValueText[] sorted = [.. rows];
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Field, b.Field) is int order and not 0 ? order : string.CompareOrdinal(a.Value, b.Value));
        for (int r = 1; r < sorted.Length; r++)
            if (sorted[r].Field == sorted[r - 1].Field && sorted[r].Value == sorted[r - 1].Value)
                throw new ArgumentException($"({sorted[r].Field}, {sorted[r].Value}) twice", nameof(rows));
        return sorted;
    }
}
