namespace Larr.Contrast;

/// <summary>What one step trains on of one kind.</summary>
/// <param name="Set">Where the pairs were drawn.</param>
/// <param name="Pairs">The pairs.</param>
/// <param name="Hard">Right texts that are hard negatives for the whole batch; empty where none are mined.</param>
public readonly record struct DrawnBatch(PairSet Set, Pair[] Pairs, int[] Hard)
{
    /// <summary>Every text of the batch.</summary>
    public IEnumerable<int> Texts => Pairs.SelectMany(p => (int[])[p.Left, p.Right]).Concat(Hard);
}
