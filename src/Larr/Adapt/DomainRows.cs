using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Data;
using Larr.Features;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// Rows of one domain with what the frozen model makes of them below its hidden layers, computed once: training an adapter touches neither embeddings nor
/// the scene encoder again.
/// </summary>
sealed class DomainRows : IDisposable
{
    const int BatchSize = 4096;
    readonly int _domain;

    /// <summary>Rows of a domain.</summary>
    /// <param name="model">The frozen model.</param>
    /// <param name="inputs">Makes its batches.</param>
    /// <param name="domain">Code of the domain as its adapter knows it.</param>
    /// <param name="rows">Row numbers in the table; one at least.</param>
    internal DomainRows(CtrModel model, CtrInputs inputs, int domain, int[] rows)
    {
        ImpressionTable table = inputs.Table;
        (_domain, Rows) = (domain, rows);
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var parts = new List<Tensor>();
        for (int start = 0; start < rows.Length; start += BatchSize)
        {
            CtrBatch batch = inputs.Batch(rows.AsSpan(start, Math.Min(BatchSize, rows.Length - start)), model.Embeddings, CPU, train: false);
            parts.Add(model.Input(batch, model.SceneVectors(batch)));
        }
        Input = cat(parts).DetachFromDisposeScope();
        Clicks = LabelTensor.Of(table.Labels, rows, CPU).clone().DetachFromDisposeScope();
        if (table.Find(FieldRole.Conversion) is not null) Conversions = LabelTensor.Of(table.Conversions, rows, CPU).clone().DetachFromDisposeScope();
    }

    /// <summary>Row numbers in the table.</summary>
    internal int[] Rows { get; }

    /// <summary>The backbone's inputs, [rows,I].</summary>
    Tensor Input { get; }

    /// <summary>0 or 1, [rows].</summary>
    Tensor Clicks { get; }

    /// <summary>0 or 1, [rows]; null without conversions.</summary>
    Tensor? Conversions { get; }

    /// <summary>The task's loss on the rows at some positions.</summary>
    internal Tensor Loss(CtrModel model, HiddenAdapter adapter, int[] positions)
    {
        Tensor at = tensor(positions, dtype: ScalarType.Int64);
        adapter.Enter(_domain);
        return EntireSpace.Loss(model.Logits(Input.index_select(0, at), adapter), Clicks.index_select(0, at), Conversions?.index_select(0, at));
    }

    /// <summary>Predictions of the model with <paramref name="adapter"/>, or as it is.</summary>
    internal CtrPredictions Predict(CtrModel model, HiddenAdapter? adapter)
    {
        var predictions = new CtrPredictions(new float[Rows.Length], new float[Conversions is null ? 0 : Rows.Length]);
        using var grad = no_grad();
        model.eval();
        adapter?.eval();
        adapter?.Enter(_domain);
        for (int start = 0; start < Rows.Length; start += BatchSize)
        {
            using var scope = NewDisposeScope();
            predictions.Set(start, model.Logits(Input.narrow(0, start, Math.Min(BatchSize, Rows.Length - start)), adapter));
        }
        return predictions;
    }

    public void Dispose()
    {
        Input.Dispose();
        Clicks.Dispose();
        Conversions?.Dispose();
    }
}
