using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Larr.Features;

/// <summary>
/// Trains an <see cref="EmbeddingTable"/> by its touched rows alone. What a dense optimizer would have done to a row while no batch named it (momentum
/// running out, regularisation) is made up when the row is next read: the cost of a step depends on the batch, not on the table, and how strongly
/// a row is regularised does not depend on how often it occurs.
/// </summary>
/// <param name="table">The table to train.</param>
/// <param name="learningRate">Step size.</param>
/// <param name="l2">L2 regularisation: added to every row's gradient in every step, times its weights.</param>
public abstract class SparseOptimizer(EmbeddingTable table, float learningRate, float l2)
{
    readonly RowSums _sums = new(table.Rows, table.Dimension);

    // The number of steps that each row has seen.
    readonly int[] _done = new int[table.Rows];

    /// <summary>Step size of the steps to come.</summary>
    public float LearningRate { get; set; } = learningRate;

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>The table to train.</summary>
    protected EmbeddingTable Table { get; } = table;

    /// <summary>L2 regularisation.</summary>
    protected float L2 { get; } = l2;

    /// <summary>Brings the rows of a batch up to date. Call it before they are gathered.</summary>
    /// <param name="ids">Row numbers; negative ones are skipped.</param>
    public void Prepare(ReadOnlySpan<int> ids)
    {
        foreach (int row in ids)
            if (row >= 0 && _done[row] < Steps) Catch(row);
    }

    /// <summary>Brings every row up to date. Call it before the whole table is read: to validate, to keep, to save.</summary>
    public void Settle()
    {
        for (int row = 0; row < _done.Length; row++)
            if (_done[row] < Steps) Catch(row);
    }

    /// <summary>Sums the gradients of equal ids and takes one step on each of their rows.</summary>
    /// <param name="ids">Row numbers as they were gathered; negative ones are skipped.</param>
    /// <param name="gradient">Gradient of the gathered tensor, [ids, dimension].</param>
    public void Step(ReadOnlySpan<int> ids, Tensor gradient)
    {
        using Tensor host = gradient.to(CPU).contiguous();
        _sums.Add(ids, MemoryMarshal.Cast<byte, float>(host.bytes));
        Prepare(_sums.Touched);
        Begin(++Steps);
        for (int s = 0; s < _sums.Count; s++)
        {
            int row = _sums.Touched[s];
            Update(row, _sums[s][..Table.Width(row)]);
            _done[row] = Steps;
        }
    }

    /// <summary>Writes what an interrupted training needs to go on with the same bits, the table aside.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Steps);
        writer.Write(LearningRate);
        writer.Write(MemoryMarshal.AsBytes<int>(_done));
        SaveState(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote for a table of the same shape.</summary>
    public void Load(BinaryReader reader)
    {
        Steps = reader.ReadInt32();
        LearningRate = reader.ReadSingle();
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_done.AsSpan()));
        LoadState(reader);
    }

    /// <summary>A step begins, with the present step size.</summary>
    protected abstract void Begin(int step);

    /// <summary>One step on one row, which has seen all steps before it.</summary>
    protected abstract void Update(int row, ReadOnlySpan<float> gradient);

    /// <summary>The steps after <paramref name="from"/>, up to <paramref name="to"/>, that did not touch the row.</summary>
    protected abstract void Miss(int row, int from, int to);

    /// <summary>Writes the optimizer's own arrays.</summary>
    protected abstract void SaveState(BinaryWriter writer);

    /// <summary>Reads the optimizer's own arrays.</summary>
    protected abstract void LoadState(BinaryReader reader);

    void Catch(int row)
    {
        // A row without history and without regularisation stands still.
        if (_done[row] == 0 && L2 == 0) return;
        Miss(row, _done[row], Steps);
        _done[row] = Steps;
    }
}
