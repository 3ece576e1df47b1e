using System.Diagnostics;
using Larr.Align;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>One epoch of a training.</summary>
/// <param name="Epoch">From 1; 0 is the model before any step.</param>
/// <param name="Loss">Mean training loss; null before any step.</param>
/// <param name="Validation">Metrics on the validation rows.</param>
/// <param name="Seconds">Time of the training steps.</param>
public sealed record CtrEpoch(int Epoch, double? Loss, CtrMetrics Validation, double Seconds);

/// <summary>Trains a click model on given rows, keeps the weights of the best validation epoch, and stops when it no longer improves.</summary>
/// <param name="model">The model; it ends with its best weights.</param>
/// <param name="inputs">Makes its batches.</param>
/// <param name="train">Training rows.</param>
/// <param name="validation">Validation rows; without any, the last epoch's weights stay.</param>
public sealed class CtrFit(CtrModel model, CtrInputs inputs, int[] train, int[] validation)
{
    readonly Device _device = model.parameters().First().device;

    /// <summary>Trains as <paramref name="config"/> says and returns the curve.</summary>
    /// <param name="config">Batch size, epochs, patience, step size, regularisation.</param>
    /// <param name="seed">Order of the rows.</param>
    /// <param name="fromHere">Whether the weights before any step compete for the best ones, as in fine-tuning.</param>
    /// <param name="context">Whom to tell and when to stop.</param>
    public IReadOnlyList<CtrEpoch> Run(CtrConfig config, int seed, bool fromHere, StageContext context)
    {
        using optim.Optimizer dense = ParameterGroups.AdamW(model, config.LearningRate, config.WeightDecay, .9, .999);
        var sparse = new SparseAdam(model.Embeddings, (float)config.LearningRate, (float)config.EmbeddingL2);
        var batches = new Batches(train, config.BatchSize, seed);
        var stopping = new EarlyStopping(config.Patience);
        var curve = new List<CtrEpoch>();
        using var best = new BestWeights(model, model.Embeddings);
        for (int epoch = fromHere ? 0 : 1; epoch <= config.Epochs && !stopping.Stop; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            double? loss = epoch == 0 ? null : Epoch(batches.Epoch(epoch), dense, sparse, context.Cancel) / batches.Count;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            CtrMetrics metrics = CtrMetrics.Of(inputs.Table, validation, CtrPredictions.Of(model, inputs, validation));
            curve.Add(new CtrEpoch(epoch, loss, metrics, seconds));
            context.Report($"epoch {epoch}: loss {loss:f4}, validation AUC {metrics.Auc:f4}", (double)epoch / config.Epochs);
            if (stopping.Improves(validation.Length == 0 ? epoch : metrics.Score())) best.Keep();
        }
        best.Restore();
        return curve;
    }

    double Epoch(IEnumerable<ReadOnlyMemory<int>> batches, optim.Optimizer dense, SparseAdam sparse, CancellationToken cancel)
    {
        double sum = 0;
        model.train();
        foreach (ReadOnlyMemory<int> rows in batches)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            CtrBatch batch = inputs.Batch(rows.Span, model.Embeddings, _device, train: true);
            Tensor loss = Loss(batch, rows.Span);
            loss.backward();
            dense.step();
            model.zero_grad();
            sparse.Step(batch.Ids, batch.Gathered.grad!);
            sum += loss.item<float>();
        }
        return sum;
    }

    Tensor Loss(CtrBatch batch, ReadOnlySpan<int> rows)
    {
        Tensor? scenes = model.SceneVectors(batch);
        CtrLogits logits = model.Logits(model.Input(batch, scenes));
        Tensor? conversions = logits.Conversion is null ? null : Columns.Labels(inputs.Table.Conversions, rows, _device);
        Tensor loss = EntireSpace.Loss(logits, Columns.Labels(inputs.Table.Labels, rows, _device), conversions);
        if (!model.Aligned) return loss;
        var pairs = ClickedPairs.Of(scenes!, batch.Scenes!.Value.OfRow, model.Signal(batch), model.SignalIds(batch), Columns.Pick(inputs.Table.Labels, rows));
        return loss + model.Align.Lambda * AlignmentLoss.Compute(pairs, model.Align);
    }
}
