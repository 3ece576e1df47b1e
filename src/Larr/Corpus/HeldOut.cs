using System.IO.Hashing;
using System.Text;

namespace Larr.Corpus;

/// <summary>
/// Which items, users or texts are kept for evaluation. The choice hangs on the hash of the identity alone, not on a seed:
/// so every stage and every seed agrees on it, and a larger share holds all that a smaller one holds (our choice).
/// </summary>
public static class HeldOut
{
    /// <summary>With fewer items than this, single documents or pairs are held out instead of whole items.</summary>
    public const int FewestItems = 20;

    /// <summary>Whether <paramref name="identity"/> belongs to the held-out <paramref name="share"/> (0 to 1).</summary>
    public static bool Holds(string identity, double share) =>
        (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(identity)) >> 11) * (1.0 / (1UL << 53)) < share;

    /// <summary>For each code of a dictionary, whether its value is held out; all false where the dictionary is smaller than <see cref="FewestItems"/>.</summary>
    public static bool[] Of(IReadOnlyList<string> values, double share) =>
        [.. values.Select(v => values.Count >= FewestItems && Holds(v, share))];
}
