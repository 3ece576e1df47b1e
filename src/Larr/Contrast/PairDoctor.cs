namespace Larr.Contrast;

/// <summary>What is good and bad about the pairs of one kind, before any training.</summary>
/// <param name="Pairs">Pairs mined.</param>
/// <param name="DuplicateShare">Share of the pairs whose two texts are those of another pair.</param>
/// <param name="LeakedPairs">Held-out pairs that are training pairs too; anything but 0 makes the retrieval report worthless.</param>
/// <param name="EffectiveBatch">Mean number of distinct right texts in a drawn batch: what InfoNCE has to tell apart.</param>
/// <param name="MaskedShare">Mean share of a batch's negatives that are masked because they are positives of the same side.</param>
/// <param name="CutShare">Share of the kind's texts that are longer than the limit and are cut.</param>
/// <param name="Warnings">In words, what should be looked at.</param>
public sealed record PairHealth(int Pairs, double DuplicateShare, int LeakedPairs, double EffectiveBatch, double MaskedShare, double CutShare, IReadOnlyList<string> Warnings);

/// <summary>Examines pairs before they are trained on, so that a training that cannot work is known before it has run for hours.</summary>
public static class PairDoctor
{
    const int Batches = 20;

    /// <summary>Examines the pairs of one kind.</summary>
    /// <param name="set">Training pairs.</param>
    /// <param name="heldOut">Text pairs of the retrieval report.</param>
    /// <param name="batchSize">Pairs of a step.</param>
    /// <param name="isCut">Whether a text is longer than the limit.</param>
    public static PairHealth Examine(PairSet set, IReadOnlyCollection<(int Left, int Right)> heldOut, int batchSize, Func<int, bool> isCut)
    {
        int distinct = set.Pairs.Select(p => (p.Left, p.Right)).Distinct().Count(), leaked = heldOut.Count(p => set.IsPair(p.Left, p.Right));
        int[] texts = [.. set.Pairs.SelectMany(p => (int[])[p.Left, p.Right]).Distinct()];
        double duplicates = 1 - (double)distinct / set.Pairs.Count, cut = texts.Count(isCut) / (double)texts.Length;
        int rights = 0, masks = 0;
        var random = new Random(1);
        for (int b = 0; b < Batches; b++)
        {
            Pair[] batch = set.Draw(batchSize, random);
            rights += batch.Select(p => p.Right).Distinct().Count();
            masks += NegativeMasks.Forward(new(set, batch, [])).Count(m => m);
        }
        double effective = rights / (double)Batches, masked = masks / ((double)Batches * batchSize * (batchSize - 1));
        var warnings = new List<string>();
        if (leaked > 0) warnings.Add($"{leaked} held-out pairs are trained on");
        if (duplicates > .5) warnings.Add($"{duplicates:P0} of the pairs repeat another pair's texts");
        if (effective < .5 * batchSize) warnings.Add($"a batch of {batchSize} holds only {effective:F0} different right texts");
        if (masked > .5) warnings.Add($"{masked:P0} of the negatives are masked");
        if (cut > .2) warnings.Add($"{cut:P0} of the texts are cut");
        return new(set.Pairs.Count, duplicates, leaked, effective, masked, cut, warnings);
    }
}
