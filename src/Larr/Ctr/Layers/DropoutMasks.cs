namespace Larr.Ctr.Layers;

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
    int _length;

    /// <summary>Factor of the values kept, so that the mean stays.</summary>
    internal float Keep { get; } = (float)(1 / (1 - rate));

    /// <summary>One bit per value, the lowest of a byte first: 1 is kept, 0 dropped. Eight bytes more than needed, so that any bit can be read as part of a word.</summary>
    internal byte[] Pool { get; private set; } = [];

    /// <summary>The places of an epoch follow from its number, so that a resumed training reads the same ones.</summary>
    internal void Restart(int epoch) => _places = new Random(unchecked(seed * 486187739 + epoch));

    /// <summary>Where in <see cref="Pool"/>, in bits, the next <paramref name="count"/> masks begin.</summary>
    internal int Next(int count)
    {
        if (_length < Places + count)
        {
            _length = Places + count;
            var random = new Random(seed);
            byte[] pool = new byte[_length / 8 + 1 + sizeof(ulong)];
            for (int i = 0; i < _length; i++)
                if (random.NextSingle() >= rate) pool[i >> 3] |= (byte)(1 << (i & 7));
            Pool = pool;
        }
        return _places.Next(Places);
    }
}
