using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Larr.Index;

/// <summary>Writes one file of an index and keeps a CRC-32 of each block of it.</summary>
sealed class BlockWriter(Disk disk, string path) : IDisposable
{
    readonly Stream _stream = disk.Create(path);
    readonly byte[] _block = new byte[IndexFormat.BlockSize];
    readonly List<uint> _checksums = [];
    int _filled;
    bool _finished;

    public long Length { get; private set; }

    /// <summary>One checksum for each block; complete after <see cref="Finish"/>.</summary>
    public IReadOnlyList<uint> Checksums => _checksums;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_filled == 0 && bytes.Length >= _block.Length)
            {
                WriteBlock(bytes[.._block.Length]);
                bytes = bytes[_block.Length..];
                continue;
            }
            int part = Math.Min(bytes.Length, _block.Length - _filled);
            bytes[..part].CopyTo(_block.AsSpan(_filled));
            bytes = bytes[part..];
            if ((_filled += part) < _block.Length) continue;
            WriteBlock(_block);
            _filled = 0;
        }
    }

    public void Write<T>(T value) where T : unmanaged => Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public void WriteAll<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        // A span of bytes holds at most 2^31 of them.
        const int Part = 1 << 24;
        for (; !values.IsEmpty; values = values[Math.Min(Part, values.Length)..])
            Write(MemoryMarshal.AsBytes(values[..Math.Min(Part, values.Length)]));
    }

    /// <summary>Writes the last block and flushes the file to the disk.</summary>
    public void Finish()
    {
        if (_finished) return;
        if (_filled > 0) WriteBlock(_block.AsSpan(0, _filled));
        disk.Flush(_stream);
        _finished = true;
    }

    /// <summary>Finishes the file and maps it.</summary>
    public BlockFile Reopen()
    {
        Finish();
        return BlockFile.Open(path, Length, [.. _checksums]);
    }

    public void Dispose() => _stream.Dispose();

    void WriteBlock(ReadOnlySpan<byte> block)
    {
        _checksums.Add(Crc32.HashToUInt32(block));
        _stream.Write(block);
    }
}
