using System.Numerics;

namespace Larr.Simulate;

/// <summary>
/// A small generator of its own (xoshiro256**, Blackman and Vigna 2018), so that a seed gives the same city on every
/// version of .NET. Streams of one seed are independent.
/// </summary>
sealed class Chance
{
    ulong _a, _b, _c, _d;

    public Chance(int seed, int stream)
    {
        ulong state = ((ulong)(uint)seed << 32) | (uint)stream;
        _a = SplitMix(ref state);
        _b = SplitMix(ref state);
        _c = SplitMix(ref state);
        _d = SplitMix(ref state);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform whole number in [0, <paramref name="limit"/>), by multiplication (bias below 2⁻³²).</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>Standard normal, by Box and Muller.</summary>
    public float Gaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return (float)(radius * Math.Cos(2 * Math.PI * Uniform()));
    }

    /// <summary>True with probability <paramref name="probability"/>.</summary>
    public bool Happens(float probability) => Uniform() < probability;

    /// <summary>One of the values, uniformly.</summary>
    public T Pick<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
