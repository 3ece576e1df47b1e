using System.Diagnostics;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using Larr.Stats;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>Trains a <see cref="TwoTower"/> with BCE + λ · alignment on the training part.</summary>
sealed class AlignTraining(AlignConfig config, ImpressionTable table, SceneVectors vectors, TwoTower model, FeatureMap map, EmbeddingTable embeddings)
{
    readonly SceneRows _scenes = new(table, vectors);

    internal int DistinctScenes => _scenes.Count;

    internal IReadOnlyList<AlignEpoch> Run(int[] train, int[] validation, StageContext context)
    {
        using FusedAdamW dense = ParameterGroups.AdamW(model, 0, .9, .999);
        var sparse = new SparseAdam(embeddings, (float)config.LearningRate);
        var batches = new Batches(train, config.BatchSize, context.Seed, config.WholeRequests ? Requests.Of(table, train) : null);
        var stopping = new EarlyStopping(config.Patience);
        var curve = new List<AlignEpoch>();
        using var best = new BestWeights(model, embeddings);
        for (int epoch = 1; epoch <= config.Epochs && !stopping.Stop; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            double sum = 0;
            foreach (ReadOnlyMemory<int> rows in batches.Epoch(epoch))
            {
                context.Cancel.ThrowIfCancellationRequested();
                sum += Step(rows.Span, dense, sparse);
            }
            sparse.Settle();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double auc = ValidationAuc(validation);
            curve.Add(new AlignEpoch(epoch, sum / batches.Count, double.IsNaN(auc) ? null : auc, seconds));
            context.Report($"epoch {epoch}: loss {curve[^1].Loss:f4}, validation AUC {auc:f4}", (double)epoch / config.Epochs);
            if (stopping.Improves(double.IsNaN(auc) ? epoch : auc)) best.Keep();
        }
        best.Restore();
        return curve;
    }

    /// <summary>Mean cosines of the first clicked impressions of <paramref name="rows"/>.</summary>
    internal (double? Positive, double? Negative) MeanCosines(int[] rows)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        byte[] labels = Columns.Pick(table.Labels, rows);
        int[] clicked = [.. rows.Where((_, i) => labels[i] == 1).Take(config.BatchSize)];
        if (clicked.Length < 2) return (null, null);
        (double positive, double negative) = AlignmentLoss.MeanCosines(Forward(clicked, train: false).Pairs, config);
        return (positive, double.IsNaN(negative) ? null : negative);
    }

    double Step(ReadOnlySpan<int> rows, FusedAdamW dense, SparseAdam sparse)
    {
        using var scope = NewDisposeScope();
        (Tensor logits, ClickedPairs pairs, Tensor gathered, int[] ids) = Forward(rows, train: true, sparse);
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits, LabelTensor.Of(table.Labels, rows, CPU))
            + config.Lambda * AlignmentLoss.Compute(pairs, config);
        loss.backward();
        dense.Step(config.LearningRate);
        model.zero_grad();
        sparse.Step(ids, gathered.grad!);
        double value = loss.item<float>();
        return double.IsFinite(value) ? value : throw new InputException("experiment", "align.learningRate", $"{config.LearningRate}", $"a smaller one: the loss of a step is {value}");
    }

    (Tensor Logits, ClickedPairs Pairs, Tensor Gathered, int[] Ids) Forward(ReadOnlySpan<int> rows, bool train, SparseOptimizer? sparse = null)
    {
        // Items first, then users; without a user field the users are zeros.
        int b = rows.Length;
        int[] ids = new int[2 * b];
        Array.Fill(ids, -1, b, b);
        for (int f = 0; f < map.Fields.Count; f++)
        {
            ReadOnlySpan<int> codes = table.Codes(map.Fields[f]), to = map.Ids(f);
            for (int i = 0; i < b; i++) ids[f * b + i] = to[codes[rows[i]]];
        }
        sparse?.Prepare(ids);
        Tensor gathered = embeddings.Gather(ids, CPU, train); // [2B,d]
        SceneBatch batch = _scenes.Batch(rows, CPU);
        Tensor[] halves = gathered.split([b, b]); // at once, so that backward writes the gradient once
        Tensor scenes = model.scene.forward(batch), items = halves[0], users = halves[1];
        Tensor logits = model.Logits(users, items, scenes.index_select(0, batch.OfRow));
        long[] signals = SignalIds.Of(config.Signal, ids.AsSpan(0, b), ids.AsSpan(b));
        return (logits, ClickedPairs.Of(scenes, batch.OfRow, model.Signal(users, items), signals, Columns.Pick(table.Labels, rows)), gathered, ids);
    }

    double ValidationAuc(ReadOnlySpan<int> rows)
    {
        float[] scores = new float[rows.Length];
        using var grad = no_grad();
        for (int start = 0; start < rows.Length; start += config.BatchSize)
        {
            using var scope = NewDisposeScope();
            Forward(rows.Slice(start, Math.Min(config.BatchSize, rows.Length - start)), train: false).Logits.data<float>().CopyTo(scores, start);
        }
        return Auc.Compute(scores, Columns.Pick(table.Labels, rows));
    }
}
