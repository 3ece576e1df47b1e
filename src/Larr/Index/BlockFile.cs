using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// A memory-mapped file of a generation. Each block's CRC-32 is checked when the block is first read, so that opening
/// costs nothing and damaged bytes are still never handed out.
/// </summary>
sealed unsafe class BlockFile : IDisposable
{
    readonly string _path;
    readonly uint[] _checksums;
    readonly bool[] _checked;
    readonly MemoryMappedFile? _file;
    readonly MemoryMappedViewAccessor? _view;
    byte* _start;

    /// <param name="path">The file.</param>
    /// <param name="length">The length that the header states.</param>
    /// <param name="checksums">CRC-32 of each block.</param>
    public BlockFile(string path, long length, uint[] checksums)
    {
        (_path, Length, _checksums, _checked) = (path, length, checksums, new bool[checksums.Length]);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length != length)
            throw new InputException(path, $"block {Math.Min(stream.Length, length) / IndexFormat.BlockSize} at byte {Math.Min(stream.Length, length)}", $"a file of {stream.Length} bytes", $"{length} bytes");
        if (length == 0) return;
        _file = MemoryMappedFile.CreateFromFile(stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    public long Length { get; }

    /// <summary><paramref name="count"/> values from the <paramref name="first"/>th on; valid until disposal.</summary>
    public ReadOnlySpan<T> Span<T>(long first, int count) where T : unmanaged
    {
        Check(first * sizeof(T), (long)count * sizeof(T));
        return new(_start + (first * sizeof(T)), count);
    }

    /// <summary>The value at <paramref name="index"/>.</summary>
    public T Read<T>(long index) where T : unmanaged
    {
        Check(index * sizeof(T), sizeof(T));
        return *(T*)(_start + (index * sizeof(T)));
    }

    /// <summary>Checks the blocks of a range of bytes, each once.</summary>
    public void Check(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length) throw new ArgumentOutOfRangeException(nameof(offset), $"{_path}: bytes {offset} + {length} of {Length}");
        if (length == 0) return;
        ObjectDisposedException.ThrowIf(_start == null, this);
        long last = (offset + length - 1) / IndexFormat.BlockSize;
        for (long block = offset / IndexFormat.BlockSize; block <= last; block++)
            if (!_checked[block]) CheckBlock(block);
    }

    /// <summary>Reads every block again and checks it, also those checked before.</summary>
    public void CheckAll()
    {
        for (long block = 0; block < _checksums.Length; block++) CheckBlock(block);
    }

    /// <summary>Complains about contents that have the right checksum and are wrong all the same.</summary>
    public InputException Wrong(long offset, string found, string expected) => new(_path, Place(offset / IndexFormat.BlockSize, offset), found, expected);

    void CheckBlock(long block)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        long offset = block * IndexFormat.BlockSize;
        uint found = Crc32.HashToUInt32(new ReadOnlySpan<byte>(_start + offset, (int)Math.Min(IndexFormat.BlockSize, Length - offset)));
        if (found != _checksums[block])
            throw new InputException(_path, Place(block, offset), $"checksum {found:x8}", $"{_checksums[block]:x8}: the file is damaged");
        _checked[block] = true;
    }

    static string Place(long block, long offset) => $"block {block} at byte {offset}";

    public void Dispose()
    {
        if (_start != null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _start = null;
        _view?.Dispose();
        _file?.Dispose();
    }
}
