using System.IO.Hashing;
using System.Runtime.InteropServices;
using Larr.Runs;

namespace Larr.Index;

/// <summary>Writes one file of an index and keeps a CRC-32 of each block of it.</summary>
sealed class BlockWriter(Disk disk, string path) : IDisposable
{
    /// <summary>
    /// Bytes of a write to a large file: 2 MiB. Linux then keeps the file's cache in pages of that size, and reading the mapped file for the first time costs a
    /// fraction of what it costs with pages of 4 KiB (measured on ext4).
    /// </summary>
    const int Chunk = 32 * IndexFormat.BlockSize;

    readonly Stream _stream = disk.Create(path);
    readonly List<uint> _checksums = [];
    byte[] _buffer = new byte[IndexFormat.BlockSize];
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
            if (_filled == 0 && bytes.Length >= Chunk)
            {
                WriteOut(bytes[..Chunk]);
                bytes = bytes[Chunk..];
                continue;
            }
            if (_filled == _buffer.Length) Grow();
            int part = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..part].CopyTo(_buffer.AsSpan(_filled));
            bytes = bytes[part..];
            if ((_filled += part) < Chunk) continue;
            WriteOut(_buffer);
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

    /// <summary>Writes what is left and flushes the file to the disk.</summary>
    public void Finish()
    {
        if (_finished) return;
        WriteOut(_buffer.AsSpan(0, _filled));
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

    void Grow()
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(Chunk); // only what is filled costs memory
        _buffer.CopyTo(larger, 0);
        _buffer = larger;
    }

    void WriteOut(ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += IndexFormat.BlockSize)
            _checksums.Add(Crc32.HashToUInt32(bytes.Slice(at, Math.Min(IndexFormat.BlockSize, bytes.Length - at))));
        _stream.Write(bytes);
    }
}
