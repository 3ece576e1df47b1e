using System.Collections.Frozen;

namespace Larr.Tokens;

/// <summary>Pairs of neighbouring characters that some merge joins: the last of its left token and the first of its right one.</summary>
sealed class NeighbourPairs
{
    const int Ascii = 128;

    readonly bool[] ascii = new bool[Ascii * Ascii];
    readonly FrozenSet<int> others;

    public NeighbourPairs(IReadOnlyCollection<(char Left, char Right)> pairs)
    {
        foreach ((char left, char right) in pairs)
            if (left < Ascii && right < Ascii) ascii[left * Ascii + right] = true;
        others = pairs.Select(p => Key(p.Left, p.Right)).ToFrozenSet();
    }

    public bool Contains(char left, char right) => left < Ascii && right < Ascii ? ascii[left * Ascii + right] : others.Contains(Key(left, right));

    static int Key(char left, char right) => (left << 16) | right;
}
