using System.IO.Hashing;
using System.Runtime.InteropServices;
using Larr.Runs;

namespace Larr.Index;

/// <summary>A folder of files whose blocks' checksums stand together in the file <c>checksums</c>; a segment and a generation are one each.</summary>
static class BlockFolder
{
    /// <summary>Creates the files <paramref name="names"/> in an existing folder.</summary>
    public static BlockWriter[] Create(Disk disk, string folder, IReadOnlyList<string> names)
    {
        var files = new List<BlockWriter>();
        try
        {
            foreach (string name in names) files.Add(new BlockWriter(disk, Path.Combine(folder, name)));
            return [.. files];
        }
        catch
        {
            foreach (BlockWriter file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>Finishes the files and writes their checksums; the header has to follow.</summary>
    /// <returns>The files' lengths, and the checksum of the checksums.</returns>
    public static (long[] Lengths, uint Checksums) Finish(Disk disk, string folder, IReadOnlyList<BlockWriter> files)
    {
        disk.FlushAll([.. files.Select(f => (Action)f.Finish)]);
        uint[] checksums = [.. files.SelectMany(f => f.Checksums)];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<uint>(checksums);
        disk.Write(Path.Combine(folder, IndexFormat.Checksums), bytes);
        return ([.. files.Select(f => f.Length)], Crc32.HashToUInt32(bytes));
    }

    /// <summary>Maps the files, checking the table of checksums and every length.</summary>
    /// <exception cref="InputException">A file is missing or of another length, or the table is damaged.</exception>
    public static BlockFile[] Open(string folder, IReadOnlyList<string> names, IReadOnlyList<long> lengths, uint checksumOfChecksums)
    {
        string path = Path.Combine(folder, IndexFormat.Checksums);
        byte[] bytes = ReadWhole(path);
        long blocks = lengths.Sum(IndexFormat.Blocks);
        if (bytes.Length != 4 * blocks)
            throw new InputException(path, IndexFormat.Place(bytes.Length), $"a file of {bytes.Length} bytes", $"{4 * blocks}");
        uint found = Crc32.HashToUInt32(bytes);
        if (found != checksumOfChecksums) throw new InputException(path, IndexFormat.Place(0), $"checksum {found:x8}", $"{checksumOfChecksums:x8}: the file is damaged");

        ReadOnlySpan<uint> checksums = MemoryMarshal.Cast<byte, uint>(bytes);
        var files = new List<BlockFile>();
        try
        {
            foreach ((string name, long length) in names.Zip(lengths))
            {
                int own = (int)IndexFormat.Blocks(length);
                files.Add(BlockFile.Open(Path.Combine(folder, name), length, checksums[..own].ToArray()));
                checksums = checksums[own..];
            }
            return [.. files];
        }
        catch
        {
            foreach (BlockFile file in files) file.Dispose();
            throw;
        }
    }

    public static byte[] ReadWhole(string path)
    {
        try { return File.ReadAllBytes(path); }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException) { throw Missing(path); }
    }

    public static InputException Missing(string path) => new(path, $"{IndexFormat.Place(0)}: found no file; expected a file of an index");
}
