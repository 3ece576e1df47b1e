using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// One table of embedding rows for all fields, kept in host memory. A step gathers the rows it needs into one tensor, and only those rows
/// are updated afterwards (<see cref="SparseAdam"/>): the cost of a step depends on the batch, not on the table.
/// </summary>
public sealed class EmbeddingTable
{
    /// <summary>A table of uniform values with the given standard deviation; the rows in <paramref name="zeroRows"/> start at zero.</summary>
    public EmbeddingTable(int rows, int dimension, float deviation, int seed, ReadOnlySpan<int> zeroRows = default)
    {
        (Rows, Dimension) = (rows, dimension);
        Weights = GC.AllocateUninitializedArray<float>(checked(rows * dimension));
        var random = new Random(seed);
        float reach = deviation * MathF.Sqrt(12);
        foreach (ref float w in Weights.AsSpan()) w = (random.NextSingle() - .5f) * reach;
        foreach (int row in zeroRows) Row(row).Clear();
    }

    /// <summary>A table of the given weights, row by row; takes the array over.</summary>
    public EmbeddingTable(int dimension, float[] weights) => (Rows, Dimension, Weights) = (weights.Length / dimension, dimension, weights);

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Values per row.</summary>
    public int Dimension { get; }

    /// <summary>All values, row by row.</summary>
    public float[] Weights { get; }

    /// <summary>One row.</summary>
    public Span<float> Row(int row) => Weights.AsSpan(row * Dimension, Dimension);

    /// <summary>The rows <paramref name="ids"/> as a leaf tensor [ids, dimension]; a negative id gives zeros.</summary>
    /// <param name="ids">Row numbers, repeated as they come.</param>
    /// <param name="device">Where the tensor is wanted.</param>
    /// <param name="requiresGrad">Whether a backward pass shall leave its gradient in the tensor.</param>
    public Tensor Gather(ReadOnlySpan<int> ids, Device device, bool requiresGrad)
    {
        Tensor host = empty(ids.Length, Dimension);
        Span<float> values = MemoryMarshal.Cast<byte, float>(host.bytes);
        for (int n = 0; n < ids.Length; n++)
        {
            Span<float> to = values.Slice(n * Dimension, Dimension);
            if (ids[n] < 0) to.Clear();
            else Row(ids[n]).CopyTo(to);
        }
        Tensor gathered = device.type == DeviceType.CPU ? host : host.to(device, disposeAfter: true);
        return requiresGrad ? gathered.requires_grad_() : gathered;
    }
}
