namespace Larr.Index;

/// <summary>The vectors of a segment as they are stored: N rows of D components, and for int8 a scale for each row.</summary>
sealed unsafe class StoredVectors(VectorType type, int dimension, BlockFile vectors, BlockFile scales)
{
    public VectorType Type => type;

    public int Dimension => dimension;

    /// <summary>Number of rows.</summary>
    public int Count { get; } = (int)(vectors.Length / RowBytes(type, dimension));

    public static long RowBytes(VectorType type, int dimension) => (long)dimension * VectorCodec.Size(type);

    /// <summary>One row as it is stored.</summary>
    public ReadOnlySpan<byte> Stored(int row) => vectors.Span<byte>(row * RowBytes(type, dimension), (int)RowBytes(type, dimension));

    /// <summary>The scale of a row; 1 for floats.</summary>
    public float Scale(int row) => type == VectorType.Int8 ? scales.Read<float>(row) : 1;

    /// <summary>Rows as float32, [count, D]: the file's own bytes where they are float32, otherwise decoded into <paramref name="scratch"/>.</summary>
    public ReadOnlySpan<float> Rows(int first, int count, Span<float> scratch)
    {
        if (type == VectorType.Float32) return vectors.Span<float>((long)first * dimension, count * dimension);
        Copy(first, count, scratch);
        return scratch[..(count * dimension)];
    }

    /// <summary>Rows decoded into <paramref name="into"/>, [count, D].</summary>
    public void Copy(int first, int count, Span<float> into)
    {
        ReadOnlySpan<byte> stored = vectors.Span<byte>(first * RowBytes(type, dimension), checked((int)(count * RowBytes(type, dimension))));
        VectorCodec.Decode(type, stored, type == VectorType.Int8 ? scales.Span<float>(first, count) : default, dimension, into);
    }

    /// <summary>The same for a caller that has checked the blocks and keeps within the rows.</summary>
    public void CopyChecked(byte* start, float* scale, int row, Span<float> into)
    {
        var stored = new ReadOnlySpan<byte>(start + (row * RowBytes(type, dimension)), (int)RowBytes(type, dimension));
        VectorCodec.Decode(type, stored, type == VectorType.Int8 ? new ReadOnlySpan<float>(scale + row, 1) : default, dimension, into);
    }

    /// <summary>Checks every block once; the first byte of vectors and scales.</summary>
    public (nint Vectors, nint Scales) Checked() => ((nint)vectors.Checked(), (nint)scales.Checked());

    /// <summary>Checks the blocks of a range of rows once, on all cores.</summary>
    public void Check(int first, int count) => vectors.Check(first * RowBytes(type, dimension), count * RowBytes(type, dimension));
}
