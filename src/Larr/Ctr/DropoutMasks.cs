namespace Larr.Ctr;

/// <summary>
/// Which hidden values dropout drops: one pool of masks, drawn once and read at a random place each time. Drawing fresh numbers for every hidden value
/// costs more than the matrix product before it; neighbouring reads share masks, but never at the same place of the layer.
/// </summary>
/// <param name="rate">Share of values dropped.</param>
/// <param name="seed">Decides the pool and the places.</param>
sealed class DropoutMasks(double rate, int seed)
{
    // A longer pool has the shorter one's masks in front, so that what is dropped does not depend on when it grew.
    const int Places = 1 << 20;

    Random _places = new(seed);

    /// <summary>Factor of the values kept, so that the mean stays.</summary>
    internal float Keep { get; } = (float)(1 / (1 - rate));

    /// <summary>All bits set: kept; 0: dropped.</summary>
    internal short[] Pool { get; private set; } = [];

    /// <summary>The places of an epoch follow from its number, so that a resumed training reads the same ones.</summary>
    internal void Restart(int epoch) => _places = new Random(unchecked(seed * 486187739 + epoch));

    /// <summary>Where in <see cref="Pool"/> the next <paramref name="count"/> masks begin.</summary>
    internal int Next(int count)
    {
        if (Pool.Length < Places + count)
        {
            var random = new Random(seed);
            short[] pool = new short[Places + count];
            for (int i = 0; i < pool.Length; i++) pool[i] = (short)(random.NextSingle() < rate ? 0 : -1);
            Pool = pool;
        }
        return _places.Next(Places);
    }
}
