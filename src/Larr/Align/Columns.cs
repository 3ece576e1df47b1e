using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>Some rows of a column.</summary>
public static class Columns
{
    /// <summary>The values of <paramref name="rows"/>, in their order.</summary>
    public static T[] Pick<T>(ReadOnlySpan<T> column, ReadOnlySpan<int> rows)
    {
        var picked = new T[rows.Length];
        for (int i = 0; i < picked.Length; i++) picked[i] = column[rows[i]];
        return picked;
    }

    /// <summary>0/1 labels of <paramref name="rows"/> as float32 [rows].</summary>
    public static Tensor Labels(ReadOnlySpan<byte> column, ReadOnlySpan<int> rows, Device device) => Labels(Pick(column, rows), device);

    /// <summary>0/1 labels as float32 [rows].</summary>
    public static Tensor Labels(byte[] labels, Device device)
    {
        float[] values = new float[labels.Length];
        for (int i = 0; i < values.Length; i++) values[i] = labels[i];
        return from_array(values).to(device);
    }
}
