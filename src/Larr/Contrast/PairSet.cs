using System.Diagnostics;

namespace Larr.Contrast;

/// <summary>A positive pair: two texts, and whom they stand for.</summary>
/// <param name="Left">Index of the left text (the query) in the <see cref="TextPool"/>.</param>
/// <param name="Right">Index of the right text.</param>
/// <param name="LeftId">Identity of the left side; equal identities are never each other's negatives.</param>
/// <param name="RightId">Identity of the right side, in the same numbering.</param>
/// <param name="Group">The scene field of the left side; −1 where there is none. Left sides of different groups do not exclude each other.</param>
/// <param name="Weight">How often the pair is drawn, relative to the others.</param>
public readonly record struct Pair(int Left, int Right, int LeftId, int RightId, int Group, double Weight);

/// <summary>The pairs of one kind, drawn in proportion to their weights.</summary>
public sealed class PairSet
{
    readonly Pair[] _pairs;
    readonly double[] _cumulative;
    readonly Dictionary<int, double> _leftShare, _rightShare;
    readonly HashSet<(int, int)> _texts;
    readonly HashSet<(int Group, int LeftId, int RightId)> _identities;
    readonly Dictionary<int, int> _rightIdOfText, _textOfRightId;

    /// <summary>A set of pairs; weights are positive.</summary>
    /// <param name="kind">Kind of all.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="exposure">What could have been chosen; null: anything.</param>
    public PairSet(PairKind kind, IEnumerable<Pair> pairs, Exposure? exposure = null)
    {
        (Kind, Exposure) = (kind, exposure);
        _pairs = [.. pairs];
        _cumulative = new double[_pairs.Length];
        double sum = 0;
        for (int p = 0; p < _pairs.Length; p++)
        {
            Debug.Assert(_pairs[p].Weight > 0);
            _cumulative[p] = sum += _pairs[p].Weight;
        }
        _texts = [.. _pairs.Select(p => (p.Left, p.Right))];
        _identities = [.. _pairs.Select(p => (p.Group, p.LeftId, p.RightId))];
        _rightIdOfText = _pairs.DistinctBy(p => p.Right).ToDictionary(p => p.Right, p => p.RightId);
        _textOfRightId = _pairs.DistinctBy(p => p.RightId).ToDictionary(p => p.RightId, p => p.Right);
        _leftShare = Shares(p => p.Left, sum);
        _rightShare = Shares(p => p.Right, sum);
    }

    /// <summary>The kind of all pairs.</summary>
    public PairKind Kind { get; }

    /// <summary>What could have been chosen; null: anything.</summary>
    public Exposure? Exposure { get; }

    /// <summary>The pairs.</summary>
    public IReadOnlyList<Pair> Pairs => _pairs;

    /// <summary>Probability that the left text of a drawn pair is this text.</summary>
    public double LeftShare(int text) => _leftShare[text];

    /// <summary>Probability that the right text of a drawn pair is this text.</summary>
    public double RightShare(int text) => _rightShare[text];

    /// <summary>Are these two texts a pair of the set?</summary>
    public bool IsPair(int left, int right) => _texts.Contains((left, right));

    /// <summary>
    /// Is this right text a positive of whom the left side of a pair stands for? A user has a profile of other words for each item, which leaves that item out; what one of
    /// them is paired with is no negative of the others.
    /// </summary>
    public bool IsPositive(Pair pair, int right) => IsPair(pair.Left, right) || (_rightIdOfText.TryGetValue(right, out int id) && _identities.Contains((pair.Group, pair.LeftId, id)));

    /// <summary>Could the left side of a pair have been paired with this right text?</summary>
    public bool Met(Pair pair, int right) => Exposure is null || Exposure.Met(Kind, pair, _rightIdOfText[right]);

    /// <summary>Right texts that were shown to the left sides of a batch and passed over, up to <paramref name="each"/> for each, none of them in the batch.</summary>
    public int[] PassedOver(Pair[] batch, int each, Random random)
    {
        if (Exposure is null) return [];
        HashSet<int> taken = [.. batch.Select(p => p.Right)];
        var texts = new List<int>();
        foreach (Pair pair in batch.DistinctBy(p => (p.Group, p.LeftId)))
        {
            int[] shown = [.. Exposure.PassedOver(pair).Where(_textOfRightId.ContainsKey).Select(id => _textOfRightId[id])];
            random.Shuffle(shown);
            texts.AddRange(shown.Where(t => !IsPositive(pair, t)).Where(taken.Add).Take(each));
        }
        return [.. texts];
    }

    /// <summary>Draws pairs independently, with replacement.</summary>
    public Pair[] Draw(int count, Random random)
    {
        var drawn = new Pair[count];
        for (int i = 0; i < count; i++)
        {
            int at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
            drawn[i] = _pairs[Math.Min(at < 0 ? ~at : at + 1, _pairs.Length - 1)];
        }
        return drawn;
    }

    Dictionary<int, double> Shares(Func<Pair, int> side, double sum) =>
        _pairs.GroupBy(side).ToDictionary(g => g.Key, g => g.Sum(p => p.Weight) / sum);
}
