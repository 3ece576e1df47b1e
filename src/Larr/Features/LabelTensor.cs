using Larr.Data;
using static TorchSharp.torch;

namespace Larr.Features;

/// <summary>0/1 labels as the losses take them.</summary>
public static class LabelTensor
{
    /// <summary>Labels of <paramref name="rows"/> as float32 [rows].</summary>
    public static Tensor Of(ReadOnlySpan<byte> column, ReadOnlySpan<int> rows, Device device) => Of(Columns.Pick(column, rows), device);

    /// <summary>Labels as float32 [rows].</summary>
    public static Tensor Of(byte[] labels, Device device)
    {
        float[] values = new float[labels.Length];
        for (int i = 0; i < values.Length; i++) values[i] = labels[i];
        return from_array(values).to(device);
    }
}
