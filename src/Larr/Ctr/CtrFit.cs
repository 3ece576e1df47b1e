using System.Diagnostics;
using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
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
/// <param name="stepLoss">Told the loss of every step.</param>
/// <param name="afterEpoch">Called after every epoch, and before the first where its weights compete, with the weights as they are then.</param>
public sealed class CtrFit(CtrModel model, CtrInputs inputs, int[] train, int[] validation, Action<double>? stepLoss = null, Action? afterEpoch = null)
{
    readonly Device _device = model.parameters().First().device;

    /// <summary>Trains as <paramref name="config"/> says and returns the curve.</summary>
    /// <param name="config">Batch size, epochs, patience, step size, regularisation.</param>
    /// <param name="seed">Order of the rows.</param>
    /// <param name="fromHere">Whether the weights before any step compete for the best ones, as in fine-tuning.</param>
    /// <param name="context">Whom to tell and when to stop.</param>
    /// <param name="checkpoints">Folder of checkpoints, one per epoch, to go on from; null for none.</param>
    public IReadOnlyList<CtrEpoch> Run(CtrConfig config, int seed, bool fromHere, StageContext context, string? checkpoints = null)
    {
        using FusedAdamW dense = ParameterGroups.AdamW(model, config.WeightDecay, .9, .999);
        SparseOptimizer sparse = config.EmbeddingOptimizer == EmbeddingOptimizer.Adam
            ? new SparseAdam(model.Embeddings, (float)config.LearningRate, (float)config.EmbeddingL2)
            : new SparseAdagrad(model.Embeddings, (float)config.LearningRate, (float)config.EmbeddingL2);
        var batches = new Batches(train, config.BatchSize, seed, model.Align.WholeRequests ? Requests.Of(inputs.Table, train) : null);
        var stopping = new EarlyStopping(config.Patience, config.MinDelta);
        var curve = new List<CtrEpoch>();
        using var best = new BestWeights(model, model.Embeddings);
        var checkpoint = checkpoints is null ? null : new CtrCheckpoint(checkpoints, model, dense, sparse, best, stopping);
        curve.AddRange(checkpoint?.TryLoad() ?? []);
        for (int epoch = curve.Count + (fromHere ? 0 : 1); epoch <= config.Epochs && !stopping.Stop; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            double? loss = epoch == 0 ? null : Epoch(epoch, batches, dense, sparse, context.Cancel) / batches.Count;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            CtrMetrics metrics = CtrMetrics.Of(inputs.Table, validation, CtrPredictions.Of(model, inputs, validation));
            curve.Add(new CtrEpoch(epoch, loss, metrics, seconds));
            afterEpoch?.Invoke();
            context.Report($"epoch {epoch}: loss {loss:f4}, validation AUC {metrics.Auc:f4}", (double)epoch / config.Epochs);
            if (stopping.Improves(validation.Length == 0 ? epoch : metrics.Score(config.Monitor))) best.Keep();
            else if (stopping.Since % config.PlateauPatience == 0) sparse.LearningRate *= (float)config.PlateauFactor;
            checkpoint?.Save(curve);
        }
        best.Restore();
        return curve;
    }

    double Epoch(int epoch, Batches batches, FusedAdamW dense, SparseOptimizer sparse, CancellationToken cancel)
    {
        double sum = 0;
        model.train();
        model.Restart(epoch);
        foreach (CtrRows rows in Prefetch.Ahead(batches.Epoch(epoch).Select(inputs.Read)))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            sparse.Prepare(rows.Ids);
            CtrBatch batch = inputs.Batch(rows, model.Embeddings, _device, train: true);
            Tensor loss = Loss(batch, rows);
            loss.backward();
            dense.Step(sparse.LearningRate);
            model.zero_grad();
            sparse.Step(batch.Ids, batch.Gathered.grad!);
            double value = loss.item<float>();
            if (!double.IsFinite(value)) throw new InputException("experiment", "ctr.learningRate", $"{sparse.LearningRate}", $"a smaller one: the loss of a step of epoch {epoch} is {value}");
            stepLoss?.Invoke(value);
            sum += value;
        }
        sparse.Settle();
        return sum;
    }

    Tensor Loss(CtrBatch batch, CtrRows rows)
    {
        Tensor? scenes = model.SceneVectors(batch);
        CtrLogits logits = model.Logits(model.Input(batch, scenes));
        Tensor loss = EntireSpace.Loss(logits, LabelTensor.Of(rows.Clicks, _device), logits.Conversion is null ? null : LabelTensor.Of(rows.Conversions, _device));
        if (!model.Aligned) return loss;
        var pairs = ClickedPairs.Of(scenes!, batch.Scenes!.Value.OfRow, model.Signal(batch), model.SignalIds(batch), rows.Clicks);
        return loss + model.Align.Lambda * AlignmentLoss.Compute(pairs, model.Align);
    }
}
