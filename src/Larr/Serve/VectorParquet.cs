using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Larr.Embed;

namespace Larr.Serve;

/// <summary>
/// Writes one Parquet file of rows with a key and a vector: columns <c>key</c> (string) and <c>vector</c> (list of float). One row group, plain pages,
/// no compression (floats hardly shrink), and nothing but the rows and their identity decides the file's bytes.
/// </summary>
static class VectorParquet
{
    const int RowsPerPage = 4096;
    const int Plain = 0, Rle = 3; // encodings
    const int Float = 4, ByteArray = 6; // physical types
    const int Utf8 = 0, ListType = 3; // converted types
    const int Required = 0, Repeated = 2;
    static readonly byte[] s_magic = "PAR1"u8.ToArray();

    /// <summary>Writes <paramref name="rows"/> rows and flushes them to the disk; the file is then closed under its final bytes.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="keys">Keys in Parquet's plain encoding: length as uint32, then the bytes in UTF-8.</param>
    /// <param name="keyEnds">Where each key ends in <paramref name="keys"/>, [rows].</param>
    /// <param name="vectors">[rows, dimension].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="dimension">Values of a vector.</param>
    /// <param name="identity">What the vectors were made with, as JSON: the metadata <c>larr.identity</c>; null for none.</param>
    /// <returns>Size of the file and XxHash128 of its bytes.</returns>
    public static (long Bytes, string Hash) Write(string path, ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyEnds, ReadOnlySpan<float> vectors, int rows, int dimension, string? identity)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var file = new Hashed(stream);
        file.Write(s_magic);
        long keyStart = file.Position;
        for (int first = 0; first < rows; first += RowsPerPage)
        {
            int count = Math.Min(RowsPerPage, rows - first), from = first == 0 ? 0 : keyEnds[first - 1];
            Page(file, count, [], [], keys[from..keyEnds[first + count - 1]]);
        }
        long vectorStart = file.Position;
        for (int first = 0; first < rows; first += RowsPerPage)
        {
            int count = Math.Min(RowsPerPage, rows - first);
            ReadOnlySpan<float> values = vectors.Slice(first * dimension, count * dimension);
            Page(file, values.Length, RowStarts(count, dimension), AllThere(values.Length), MemoryMarshal.AsBytes(values));
        }
        Footer(file, rows, dimension, identity, keyStart, vectorStart, file.Position);
        stream.Flush(flushToDisk: true);
        return (file.Position, Convert.ToHexStringLower(file.Hash.GetHashAndReset()));
    }

    // Repetition levels: 0 where a row starts, 1 within it. One bit each, in one bit-packed run.
    static byte[] RowStarts(int rows, int dimension)
    {
        int count = rows * dimension, groups = (count + 7) / 8;
        byte[] bits = new byte[groups];
        bits.AsSpan().Fill(0xFF);
        for (int r = 0; r < rows; r++) bits[r * dimension / 8] &= (byte)~(1 << (r * dimension % 8));
        return Level(((uint)groups << 1) | 1, bits);
    }

    // Definition levels: every value is there. One run of ones.
    static byte[] AllThere(int count) => Level((uint)count << 1, [1]);

    static byte[] Level(uint header, ReadOnlySpan<byte> content)
    {
        var bytes = new List<byte>(content.Length + 9) { 0, 0, 0, 0 };
        for (; header >= 0x80; header >>= 7) bytes.Add((byte)(header | 0x80));
        bytes.Add((byte)header);
        bytes.AddRange(content);
        BinaryPrimitives.WriteInt32LittleEndian(CollectionsMarshal.AsSpan(bytes), bytes.Count - 4);
        return [.. bytes];
    }

    static void Page(Hashed file, int values, byte[] repetition, byte[] definition, ReadOnlySpan<byte> content)
    {
        int size = repetition.Length + definition.Length + content.Length;
        var header = new ThriftCompact();
        header.Int(1, 0); // data page
        header.Int(2, size);
        header.Int(3, size);
        header.Nested(5, () =>
        {
            header.Int(1, values);
            header.Int(2, Plain);
            header.Int(3, Rle);
            header.Int(4, Rle);
        });
        header.Stop();
        file.Write(header.Bytes);
        file.Write(repetition);
        file.Write(definition);
        file.Write(content);
    }

    static void Footer(Hashed file, int rows, int dimension, string? identity, long keyStart, long vectorStart, long end)
    {
        var t = new ThriftCompact();
        void Column(int type, long values, long start, long next, params string[] path)
        {
            t.Long(2, start);
            t.Nested(3, () =>
            {
                t.Int(1, type);
                t.Ints(2, Plain, Rle);
                t.Texts(3, path);
                t.Int(4, 0); // uncompressed
                t.Long(5, values);
                t.Long(6, next - start);
                t.Long(7, next - start);
                t.Long(9, start);
            });
        }

        void Element(string name, int? type, int? repetition, int? children, int? converted)
        {
            if (type is { } physical) t.Int(1, physical);
            if (repetition is { } r) t.Int(3, r);
            t.Text(4, name);
            if (children is { } c) t.Int(5, c);
            if (converted is { } k) t.Int(6, k);
        }

        t.Int(1, 1); // version
        t.Structures(2,
            () => Element("larr", null, null, 2, null),
            () => Element("key", ByteArray, Required, null, Utf8),
            () => Element("vector", null, Required, 1, ListType),
            () => Element("list", null, Repeated, 1, null),
            () => Element("element", Float, Required, null, null));
        t.Long(3, rows);
        t.Structures(4, () =>
        {
            t.Structures(1,
                () => Column(ByteArray, rows, keyStart, vectorStart, "key"),
                () => Column(Float, (long)rows * dimension, vectorStart, end, "vector", "list", "element"));
            t.Long(2, end - keyStart);
            t.Long(3, rows);
        });
        if (identity is not null)
            t.Structures(5, () =>
            {
                t.Text(1, VectorFile.IdentityKey);
                t.Text(2, identity);
            });
        t.Text(6, "larr");
        t.Stop();
        file.Write(t.Bytes);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, t.Bytes.Length);
        file.Write(length);
        file.Write(s_magic);
    }

    sealed class Hashed(FileStream stream)
    {
        public XxHash128 Hash { get; } = new();

        public long Position { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Hash.Append(bytes);
            stream.Write(bytes);
            Position += bytes.Length;
        }
    }
}
