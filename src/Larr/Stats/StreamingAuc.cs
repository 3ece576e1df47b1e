namespace Larr.Stats;

/// <summary>
/// AUC of scores that arrive in parts and are not kept: counts per distinct score, so that it is exact (ties count one half) where scores repeat, and
/// exact to the width of a cell where they do not. A cell holds the scores that share their leading bits as ordered 32-bit floats.
/// </summary>
/// <remarks>
/// With all 32 bits it is exact for any scores and grows with the distinct ones; with fewer it is bounded: 20 bits are cells of a relative width
/// of 2^-11 and at most about a million of them.
/// </remarks>
/// <param name="bits">Leading bits that tell cells apart, 9 to 32.</param>
public sealed class StreamingAuc(int bits = 32)
{
    readonly SortedDictionary<uint, (long Positives, long Negatives)> _cells = [];
    readonly int _drop = bits is >= 9 and <= 32 ? 32 - bits : throw new ArgumentOutOfRangeException(nameof(bits));

    /// <summary>Number of cells in use.</summary>
    public int Cells => _cells.Count;

    /// <summary>Takes more scores with their 0/1 labels.</summary>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels)
    {
        if (scores.Length != labels.Length) throw new ArgumentException("scores and labels differ in length");
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i])) throw new ArgumentException("a score is NaN");
            uint cell = Ordered(scores[i]) >> _drop;
            (long positives, long negatives) = _cells.GetValueOrDefault(cell);
            _cells[cell] = labels[i] == 1 ? (positives + 1, negatives) : (positives, negatives + 1);
        }
    }

    /// <summary>The AUC of everything so far; NaN where one class is missing.</summary>
    public double Compute()
    {
        double concordant = 0, positives = 0, negativesBelow = 0;
        foreach ((long p, long n) in _cells.Values)
        {
            concordant += p * (negativesBelow + n / 2.0);
            negativesBelow += n;
            positives += p;
        }
        return concordant / (positives * negativesBelow);
    }

    /// <summary>A number whose order is that of the scores; −0 and 0 are one.</summary>
    static uint Ordered(float score)
    {
        uint value = BitConverter.SingleToUInt32Bits(score == 0 ? 0f : score);
        return value >> 31 == 1 ? ~value : value | 0x8000_0000;
    }
}
