using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using Larr.Runs;
using Microsoft.Win32.SafeHandles;

namespace Larr.Index;

/// <summary>
/// A memory-mapped file of an index. Each block's CRC-32 is checked when the block is first read, so that opening
/// costs nothing and damaged bytes are still never handed out.
/// </summary>
sealed unsafe class BlockFile : IDisposable
{
    /// <summary>Blocks from which checking is worth more than one thread.</summary>
    const int WorthThreads = 64;

    readonly string _path;
    readonly uint[] _checksums;
    readonly bool[] _checked;
    readonly MemoryMappedFile? _file;
    readonly MemoryMappedViewAccessor? _view;
    byte* _start;
    bool _wholeChecked;

    BlockFile(string path, SafeFileHandle file, long length, uint[] checksums)
    {
        (_path, Length, _checksums, _checked) = (path, length, checksums, new bool[checksums.Length]);
        if (Length == 0) return;
        _file = MemoryMappedFile.CreateFromFile(file, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    /// <summary>Maps a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">The length that the header states.</param>
    /// <param name="checksums">CRC-32 of each block.</param>
    /// <exception cref="InputException">The file is missing or of another length.</exception>
    public static BlockFile Open(string path, long length, uint[] checksums)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            long found = RandomAccess.GetLength(file);
            if (found != length) throw new InputException(path, IndexFormat.Place(Math.Min(found, length)), $"a file of {found} bytes", $"{length} bytes");
            return new BlockFile(path, file, length, checksums);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException) { throw BlockFolder.Missing(path); }
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

    /// <summary>The first byte, for a caller that keeps within the file; every block has been checked.</summary>
    public byte* Checked()
    {
        if (!_wholeChecked)
        {
            Check(0, Length);
            _wholeChecked = true;
        }
        ObjectDisposedException.ThrowIf(_start == null && Length > 0, this);
        return _start;
    }

    /// <summary>Checks the blocks of a range of bytes, each once.</summary>
    public void Check(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length) throw new ArgumentOutOfRangeException(nameof(offset), $"{_path}: bytes {offset} + {length} of {Length}");
        if (length == 0) return;
        ObjectDisposedException.ThrowIf(_start == null, this);
        int first = (int)(offset / IndexFormat.BlockSize), end = (int)((offset + length - 1) / IndexFormat.BlockSize) + 1;
        if (end - first >= WorthThreads)
        {
            if (_checked.AsSpan(first..end).Contains(false)) CheckBlocks(first, end, again: false);
            return;
        }
        for (int block = first; block < end; block++)
            if (!_checked[block]) CheckBlock(block);
    }

    /// <summary>Reads every block and checks it; those checked before only if asked to do so <paramref name="again"/>.</summary>
    public void CheckAll(bool again) => CheckBlocks(0, _checksums.Length, again);

    /// <summary>Complains about contents that have the right checksum and are wrong all the same.</summary>
    public InputException Wrong(long offset, string found, string expected) => new(_path, IndexFormat.Place(offset), found, expected);

    /// <summary>Checks many blocks on all cores; of several damaged ones the first is named.</summary>
    void CheckBlocks(int first, int end, bool again)
    {
        ParallelRanges.Run(first, end, WorthThreads, (from, to) =>
        {
            for (int block = from; block < to; block++)
                if (again || !_checked[block]) CheckBlock(block);
        });
    }

    void CheckBlock(long block)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        long offset = block * IndexFormat.BlockSize;
        uint found = Crc32.HashToUInt32(new ReadOnlySpan<byte>(_start + offset, (int)Math.Min(IndexFormat.BlockSize, Length - offset)));
        if (found != _checksums[block])
            throw new InputException(_path, IndexFormat.Place(offset), $"checksum {found:x8}", $"{_checksums[block]:x8}: the file is damaged");
        _checked[block] = true;
    }

    public void Dispose()
    {
        if (_start != null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _start = null;
        _view?.Dispose();
        _file?.Dispose();
    }
}
