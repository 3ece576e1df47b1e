using System.Numerics.Tensors;

namespace Larr.Contrast;

/// <summary>
/// Hard negatives: right texts that lie near a left text without being a pair of it, drawn from a window of ranks (the nearest ones are often
/// unknown positives, the far ones teach nothing). The right texts are embedded anew at every checkpoint, so that a resumed run mines what
/// an uninterrupted one would.
/// </summary>
/// <param name="texts">Embeds with the encoder in training.</param>
/// <param name="config">How many, and from which ranks.</param>
sealed class HardNegatives(BatchEncoder texts, ContrastConfig config)
{
    readonly Dictionary<PairKind, (int[] Texts, Dictionary<int, float[]> Vectors)> _rights = [];

    /// <summary>Embeds the right texts of every set.</summary>
    public void Refresh(IEnumerable<PairSet> sets, CancellationToken cancel)
    {
        foreach (PairSet set in sets)
        {
            int[] rights = [.. set.Pairs.Select(p => p.Right).Distinct().Order()];
            _rights[set.Kind] = (rights, texts.Vectors(rights, cancel));
        }
    }

    /// <summary>Up to <see cref="ContrastConfig.HardNegatives"/> distinct texts for each pair of a batch, none of them in it.</summary>
    public int[] Of(PairSet set, Pair[] batch, Random random, CancellationToken cancel)
    {
        (int[] rights, Dictionary<int, float[]> vectors) = _rights[set.Kind];
        Dictionary<int, float[]> lefts = texts.Vectors(batch.Select(p => p.Left), cancel);
        HashSet<int> taken = [.. batch.Select(p => p.Right)];
        var hard = new List<int>();
        foreach (Pair pair in batch.DistinctBy(p => p.Left))
        {
            int[] window = [.. rights.Where(r => r != pair.Left && !set.IsPositive(pair, r))
                .OrderByDescending(r => TensorPrimitives.Dot<float>(lefts[pair.Left], vectors[r])).ThenBy(r => r)
                .Skip(config.HardFromRank - 1).Take(config.HardToRank - config.HardFromRank + 1)];
            random.Shuffle(window);
            hard.AddRange(window.Where(taken.Add).Take(config.HardNegatives));
        }
        return [.. hard];
    }
}
