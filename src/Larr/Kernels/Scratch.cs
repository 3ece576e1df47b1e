using System.Runtime.InteropServices;

namespace Larr.Kernels;

/// <summary>Memory of one worker, handed out in pieces and taken back all at once.</summary>
sealed unsafe class Scratch(long floats) : IDisposable
{
    const int Alignment = 64;

    float* begin = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), Alignment);
    long used;

    /// <summary>Takes everything back.</summary>
    public void Begin() => used = 0;

    /// <summary>The next <paramref name="count"/> floats, all zero.</summary>
    public float* Take(long count)
    {
        if (used + count > floats) throw new InvalidOperationException($"{used + count} floats of scratch; {floats} were foreseen");
        float* piece = begin + used;
        NativeMemory.Clear(piece, (nuint)count * sizeof(float));
        used += (count + 15) / 16 * 16;
        return piece;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(begin);
        begin = null;
    }
}
