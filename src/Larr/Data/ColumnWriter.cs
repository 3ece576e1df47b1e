using System.Runtime.InteropServices;

namespace Larr.Data;

/// <summary>Appends values to a column file (see <see cref="ColumnFile{T}"/>) without holding them in memory.</summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class ColumnWriter<T>(string path) : IDisposable where T : unmanaged
{
    readonly FileStream _stream = File.Create(path);
    readonly T[] _buffer = new T[16384];
    int _count;

    /// <summary>Appends one value.</summary>
    public void Append(T value)
    {
        if (_count == _buffer.Length) Flush();
        _buffer[_count++] = value;
    }

    /// <summary>Writes what is buffered and closes the file.</summary>
    public void Dispose()
    {
        Flush();
        _stream.Dispose();
    }

    void Flush()
    {
        _stream.Write(MemoryMarshal.AsBytes(_buffer.AsSpan(0, _count)));
        _count = 0;
    }
}
