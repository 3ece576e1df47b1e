using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// Rows of one domain with what the frozen model makes of them below its hidden layers, computed once: training a kernel touches neither embeddings nor
/// the scene encoder again.
/// </summary>
sealed class DomainRows : IDisposable
{
    const int BatchSize = 4096;

    internal DomainRows(CtrModel model, CtrInputs inputs, int[] rows)
    {
        ImpressionTable table = inputs.Table;
        Rows = rows;
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
        Clicks = Columns.Labels(table.Labels, rows, CPU).clone().DetachFromDisposeScope();
        if (table.Find(FieldRole.Conversion) is not null) Conversions = Columns.Labels(table.Conversions, rows, CPU).clone().DetachFromDisposeScope();
    }

    /// <summary>Row numbers in the table.</summary>
    internal int[] Rows { get; }

    /// <summary>The backbone's inputs, [rows,I].</summary>
    internal Tensor Input { get; }

    /// <summary>0 or 1, [rows].</summary>
    internal Tensor Clicks { get; }

    /// <summary>0 or 1, [rows]; null without conversions.</summary>
    internal Tensor? Conversions { get; }

    /// <summary>Predictions with the hidden layers passed through <paramref name="transform"/>, or as they are.</summary>
    internal CtrPredictions Predict(CtrModel model, HiddenTransform? transform)
    {
        var predictions = new CtrPredictions(new float[Rows.Length], new float[Conversions is null ? 0 : Rows.Length]);
        using var grad = no_grad();
        model.eval();
        for (int start = 0; start < Rows.Length; start += BatchSize)
        {
            using var scope = NewDisposeScope();
            predictions.Set(start, model.Logits(Input.narrow(0, start, Math.Min(BatchSize, Rows.Length - start)), transform));
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
