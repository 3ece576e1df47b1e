using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// Activations [rows, columns] in native memory, which the tensor library and the loops here share. Sixteen spare elements follow the last
/// row, so that loops may read and write whole vectors.
/// </summary>
sealed unsafe class Rows<T> : IDisposable where T : unmanaged, IElement<T>
{
    const int Spare = 16;

    readonly Tensor _memory;

    /// <summary>Room for <paramref name="rows"/> rows.</summary>
    public Rows(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Columns = columns;
        _memory = zeros([((long)rows * columns) + Spare], T.Type).DetachFromDisposeScope();
        Tensor = _memory.narrow(0, 0, (long)rows * columns).view(rows, columns).DetachFromDisposeScope();
        Data = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, T>(_memory.bytes)));
    }

    /// <summary>The same memory as a tensor.</summary>
    public Tensor Tensor { get; }

    /// <summary>The first element.</summary>
    public T* Data { get; }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; }

    /// <summary>The first element of a row.</summary>
    public T* Row(int row) => Data + ((long)row * Columns);

    /// <inheritdoc/>
    public void Dispose()
    {
        Tensor.Dispose();
        _memory.Dispose();
    }
}
