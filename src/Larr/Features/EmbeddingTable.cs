using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Features;

/// <summary>
/// One table of embedding rows for all fields, kept in host memory. A step gathers the rows it needs into one tensor, and only those rows
/// are updated afterwards (<see cref="SparseAdam"/>): the cost of a step depends on the batch, not on the table.
/// </summary>
public sealed class EmbeddingTable
{
    // Where each row starts, and where the last one ends; null where all are as wide.
    readonly int[]? _starts;

    /// <summary>A table of uniform values with the given standard deviation; the rows in <paramref name="zeroRows"/> start at zero.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="dimension">Values of the widest row.</param>
    /// <param name="deviation">Standard deviation.</param>
    /// <param name="seed">Seed of the values.</param>
    /// <param name="zeroRows">Rows that start at zero.</param>
    /// <param name="widths">Values of each row; null where all have <paramref name="dimension"/>.</param>
    public EmbeddingTable(int rows, int dimension, float deviation, int seed, ReadOnlySpan<int> zeroRows = default, int[]? widths = null)
    {
        (Rows, Dimension) = (rows, dimension);
        if (widths is not null)
        {
            _starts = new int[rows + 1];
            for (int r = 0; r < rows; r++) _starts[r + 1] = checked(_starts[r] + widths[r]);
        }
        Weights = GC.AllocateUninitializedArray<float>(_starts?[^1] ?? checked(rows * dimension));
        var random = new Random(seed);
        float reach = deviation * MathF.Sqrt(12);
        foreach (ref float w in Weights.AsSpan()) w = (random.NextSingle() - .5f) * reach;
        foreach (int row in zeroRows) Row(row).Clear();
    }

    /// <summary>A table of the given weights, row by row; takes the array over.</summary>
    public EmbeddingTable(int dimension, float[] weights) => (Rows, Dimension, Weights) = (weights.Length / dimension, dimension, weights);

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Values of the widest row.</summary>
    public int Dimension { get; }

    /// <summary>All values, row by row.</summary>
    public float[] Weights { get; }

    /// <summary>Whether some row has fewer values than <see cref="Dimension"/>.</summary>
    public bool Uneven => _starts is not null;

    /// <summary>Where a row starts in <see cref="Weights"/>.</summary>
    public int Start(int row) => _starts?[row] ?? row * Dimension;

    /// <summary>Number of values of a row.</summary>
    public int Width(int row) => _starts is null ? Dimension : _starts[row + 1] - _starts[row];

    /// <summary>One row.</summary>
    public Span<float> Row(int row) => Weights.AsSpan(Start(row), Width(row));

    /// <summary>The rows <paramref name="ids"/> as a leaf tensor [ids, dimension]; a negative id gives zeros, and so does a narrow row beyond its width.</summary>
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
            else
            {
                Span<float> row = Row(ids[n]);
                row.CopyTo(to);
                to[row.Length..].Clear();
            }
        }
        Tensor gathered = device.type == DeviceType.CPU ? host : host.to(device, disposeAfter: true);
        return requiresGrad ? gathered.requires_grad_() : gathered;
    }
}
