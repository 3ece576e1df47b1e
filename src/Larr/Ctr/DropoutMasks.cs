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
    readonly Random _random = new(seed);
    Tensor? _pool;

    /// <summary>Drops from <paramref name="h"/> [B,H].</summary>
    internal Tensor Apply(Tensor h)
    {
        long need = h.numel();
        if (_pool is null || _pool.numel() < 2 * need || _pool.device_type != h.device_type) Draw(2 * need, h.device);
        return h * _pool!.narrow(0, _random.NextInt64(_pool.numel() - need), need).view_as(h);
    }

    public void Dispose() => _pool?.Dispose();

    void Draw(long length, Device device)
    {
        float[] pool = new float[Math.Max(length, 1 << 20)];
        float keep = (float)(1 / (1 - rate));
        for (int i = 0; i < pool.Length; i++) pool[i] = _random.NextDouble() < rate ? 0 : keep;
        _pool?.Dispose();
        _pool = tensor(pool, device: device).DetachFromDisposeScope();
    }
}
