using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// Inverted dropout from one pool of mask values, drawn once and read at a random place each time. Drawing fresh numbers for every
/// hidden value costs more than the matrix product before it; neighbouring reads share values, but never at the same place of the layer.
/// </summary>
/// <param name="rate">Share of values dropped.</param>
/// <param name="seed">Decides the pool and the places.</param>
sealed class DropoutMasks(double rate, int seed) : IDisposable
{
    // A longer pool has the shorter one's values in front, so that what is dropped does not depend on when it grew.
    const int Places = 1 << 20;

    Random _places = new(seed);
    Tensor? _pool;

    /// <summary>The places of an epoch follow from its number, so that a resumed training reads the same ones.</summary>
    internal void Restart(int epoch) => _places = new Random(unchecked(seed * 486187739 + epoch));

    /// <summary>Drops from <paramref name="h"/> [B,H].</summary>
    internal Tensor Apply(Tensor h)
    {
        long need = h.numel();
        if (_pool is null || _pool.numel() < Places + need || _pool.device_type != h.device_type || _pool.dtype != h.dtype) Draw(Places + need, h);
        return h * _pool!.narrow(0, _places.NextInt64(Places), need).view_as(h);
    }

    public void Dispose() => _pool?.Dispose();

    void Draw(long length, Tensor like)
    {
        var random = new Random(seed);
        float[] pool = new float[length];
        float keep = (float)(1 / (1 - rate));
        for (int i = 0; i < pool.Length; i++) pool[i] = random.NextSingle() < rate ? 0 : keep;
        _pool?.Dispose();
        _pool = tensor(pool).to(like.dtype, like.device).DetachFromDisposeScope();
    }
}
