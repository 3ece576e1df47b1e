using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>What a refresh did.</summary>
/// <param name="Plan">The counts.</param>
/// <param name="Generation">The live generation afterwards.</param>
/// <param name="Published">False where nothing had changed.</param>
/// <param name="Recall">Share of the exact result that the approximate search found at the gate; null where there is no approximate index or nothing was published.</param>
public sealed record RefreshReport(IndexPlan Plan, int Generation, bool Published, double? Recall);

/// <summary>
/// Brings an index up to date: only texts whose content hash changed are embedded, the vectors of the rest are reused;
/// the new generation is built aside, verified and published by one rename. Readers never wait.
/// </summary>
public static class IndexRefresh
{
    /// <summary>Below this cosine between a stored vector and the same text embedded again, the model is not the one it claims to be. Our choice: far above bfloat16's and int8's rounding.</summary>
    const float SameModel = 0.99f;

    /// <summary>Plans without writing anything.</summary>
    public static IndexPlan Plan(IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> wanted)
    {
        using Generation? live = folder.LiveNumber is null ? null : folder.OpenLive(identity);
        return IndexComparison.Of(wanted, live).Plan;
    }

    /// <summary>Refreshes the index so that it holds exactly the wanted rows.</summary>
    /// <param name="config">How many generations to keep.</param>
    /// <param name="folder">The index; an empty folder gets its first generation.</param>
    /// <param name="identity">What <paramref name="embed"/> makes its vectors with.</param>
    /// <param name="wanted">All rows, in any order, each (field, value) once.</param>
    /// <param name="embed">Texts → unit vectors in the same order.</param>
    /// <exception cref="InputException">The index is of another identity or type or damaged, another writer is at work, or a row is wrong.</exception>
    /// <exception cref="IndexGateException">A check failed; the live generation is what it was.</exception>
    public static RefreshReport Run(
        IndexConfig config, IndexFolder folder, VectorIdentity identity, IReadOnlyList<ValueText> wanted, Func<IReadOnlyList<string>, float[][]> embed)
    {
        using OwnedLock held = folder.Lock();
        using Generation? live = folder.LiveNumber is null ? null : folder.OpenLive(identity);
        if (live is not null && live.Header.Type != config.Type)
            throw new InputException(folder.Path, "index.type", config.Type.ToString(), $"{live.Header.Type}, the type of generation {live.Number}; another type needs another folder");
        if (wanted.Count == 0) throw new IndexGateException("count", "there are no rows");
        IndexComparison comparison = IndexComparison.Of(wanted, live);
        if (live is not null && comparison.Plan.IsEmpty) return new RefreshReport(comparison.Plan, live.Number, Published: false, Recall: null);

        float[][] vectors = Embed(config, comparison, live, embed);
        double? recall = null;
        int generation = folder.Publish(held, live,
            new GenerationWriter(folder, config, identity, comparison, live, vectors).Write,
            built => recall = IndexVerify.CheckRefreshed(built, comparison, config.MinRecall));
        folder.Collect(held, config.KeepGenerations);
        return new RefreshReport(comparison.Plan, generation, Published: true, recall);
    }

    /// <summary>Embeds what must be, and a few reused texts with it, to compare with their stored vectors.</summary>
    static float[][] Embed(IndexConfig config, IndexComparison comparison, Generation? live, Func<IReadOnlyList<string>, float[][]> embed)
    {
        string[] texts = [.. comparison.Embedded.Select(w => comparison.Wanted[w].Text)];
        if (texts.Length == 0) return [];
        ReadOnlyMemory<int> reused = comparison.Reused;
        int[] canary = EvenlySpaced(reused.Span, comparison.Plan.Unchanged, config.Canaries);
        float[][] vectors = embed([.. texts, .. canary.Select(w => comparison.Wanted[w].Text)]);
        if (vectors.Length != texts.Length + canary.Length) throw new ArgumentException($"{vectors.Length} vectors for {texts.Length + canary.Length} texts", nameof(embed));

        for (int c = 0; c < canary.Length; c++)
        {
            float cosine = TensorPrimitives.CosineSimilarity(vectors[texts.Length + c], live!.Vector(reused.Span[canary[c]]));
            if (!(cosine >= SameModel))
                throw new IndexGateException("model", $"\"{comparison.Wanted[canary[c]].Text}\" embedded again has cosine {cosine} to its stored vector");
        }
        return vectors[..texts.Length];
    }

    /// <summary>So many of the reused rows, evenly spaced.</summary>
    static int[] EvenlySpaced(ReadOnlySpan<int> reused, int unchanged, int most)
    {
        int count = Math.Min(most, unchanged);
        var chosen = new List<int>(count);
        for (int w = 0, seen = 0; w < reused.Length && chosen.Count < count; w++)
        {
            if (reused[w] < 0) continue;
            if (seen++ == (long)unchanged * chosen.Count / count) chosen.Add(w);
        }
        return [.. chosen];
    }
}
