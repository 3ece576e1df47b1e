using System.Numerics;

namespace Larr.Features;

/// <summary>Sums the gradients of equal rows: a row that a batch names many times is updated once.</summary>
/// <param name="rows">Rows of the table.</param>
/// <param name="dimension">Values per row.</param>
sealed class RowSums(int rows, int dimension)
{
    readonly int[] _slots = new int[rows];
    int[] _touched = [];
    float[] _sums = [];

    /// <summary>Rows named by the last batch, each once, in the order of their first occurrence.</summary>
    internal ReadOnlySpan<int> Touched => _touched.AsSpan(0, Count);

    /// <summary>Number of those rows.</summary>
    internal int Count { get; private set; }

    /// <summary>Summed gradient of the row at position <paramref name="slot"/> of <see cref="Touched"/>.</summary>
    internal ReadOnlySpan<float> this[int slot] => _sums.AsSpan(slot * dimension, dimension);

    /// <summary>Takes the gradients of a batch.</summary>
    /// <param name="ids">Row numbers; negative ones are skipped.</param>
    /// <param name="gradient">Their gradients, [ids, dimension].</param>
    internal void Add(ReadOnlySpan<int> ids, ReadOnlySpan<float> gradient)
    {
        if (_touched.Length < ids.Length) (_touched, _sums) = (new int[ids.Length], new float[ids.Length * dimension]);
        Count = 0;
        for (int n = 0; n < ids.Length; n++)
        {
            if (ids[n] < 0) continue;
            ref int slot = ref _slots[ids[n]];
            ReadOnlySpan<float> from = gradient.Slice(n * dimension, dimension);
            if (slot == 0)
            {
                _touched[Count++] = ids[n];
                slot = Count;
                from.CopyTo(_sums.AsSpan((slot - 1) * dimension, dimension));
            }
            else Add(_sums.AsSpan((slot - 1) * dimension, dimension), from);
        }
        foreach (int row in Touched) _slots[row] = 0;
    }

    static void Add(Span<float> to, ReadOnlySpan<float> from)
    {
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) + new Vector<float>(from[i..])).CopyTo(to[i..]);
        for (; i < to.Length; i++) to[i] += from[i];
    }
}
