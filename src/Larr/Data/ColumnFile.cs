using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Larr.Data;

/// <summary>A file of one unmanaged type, memory-mapped for reading: raw little-endian values, no header.</summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class ColumnFile<T> : IDisposable where T : unmanaged
{
    readonly MemoryMappedFile? _file;
    readonly MemoryMappedViewAccessor? _view;
    readonly T* _start;

    /// <summary>Maps the whole of <paramref name="path"/>; an empty file is an empty column.</summary>
    public ColumnFile(string path)
    {
        Length = checked((int)(new FileInfo(path).Length / sizeof(T)));
        if (Length == 0) return;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = (T*)(pointer + _view.PointerOffset);
    }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>The values; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<T> Span => new(_start, Length);

    /// <summary>Writes <paramref name="values"/> as a column file.</summary>
    public static void Write(string path, ReadOnlySpan<T> values)
    {
        using FileStream stream = File.Create(path);
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }
}
