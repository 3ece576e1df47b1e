using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Larr.Index;

/// <summary>Writes one file of a generation and keeps a CRC-32 of each block of it.</summary>
sealed class BlockWriter(string path) : IDisposable
{
    readonly FileStream _stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    readonly byte[] _block = new byte[IndexFormat.BlockSize];
    readonly List<uint> _checksums = [];
    int _filled;

    public long Length { get; private set; }

    /// <summary>One checksum for each block; complete after <see cref="Finish"/>.</summary>
    public IReadOnlyList<uint> Checksums => _checksums;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            int part = Math.Min(bytes.Length, _block.Length - _filled);
            bytes[..part].CopyTo(_block.AsSpan(_filled));
            bytes = bytes[part..];
            if ((_filled += part) == _block.Length) WriteBlock();
        }
    }

    public void Write<T>(T value) where T : unmanaged => Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Writes the last block and flushes the file to the disk.</summary>
    public void Finish()
    {
        if (_filled > 0) WriteBlock();
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();

    void WriteBlock()
    {
        ReadOnlySpan<byte> block = _block.AsSpan(0, _filled);
        _checksums.Add(Crc32.HashToUInt32(block));
        _stream.Write(block);
        _filled = 0;
    }
}
