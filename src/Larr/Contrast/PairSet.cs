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

    /// <summary>A set of pairs; weights are positive.</summary>
    public PairSet(PairKind kind, IEnumerable<Pair> pairs)
    {
        Kind = kind;
        _pairs = [.. pairs];
        _cumulative = new double[_pairs.Length];
        double sum = 0;
        for (int p = 0; p < _pairs.Length; p++)
        {
            Debug.Assert(_pairs[p].Weight > 0);
            _cumulative[p] = sum += _pairs[p].Weight;
        }
        _texts = [.. _pairs.Select(p => (p.Left, p.Right))];
        _leftShare = Shares(p => p.Left, sum);
        _rightShare = Shares(p => p.Right, sum);
    }

    /// <summary>The kind of all pairs.</summary>
    public PairKind Kind { get; }

    /// <summary>The pairs.</summary>
    public IReadOnlyList<Pair> Pairs => _pairs;

    /// <summary>Probability that the left text of a drawn pair is this text.</summary>
    public double LeftShare(int text) => _leftShare[text];

    /// <summary>Probability that the right text of a drawn pair is this text.</summary>
    public double RightShare(int text) => _rightShare[text];

    /// <summary>Are these two texts a pair of the set?</summary>
    public bool IsPair(int left, int right) => _texts.Contains((left, right));

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
