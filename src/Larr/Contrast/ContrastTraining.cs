using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// The training loop. Each step draws a batch of every kind, encodes each distinct text of all of them once, and follows the gradient of the
/// weighted sum Σ_k w_k·InfoNCE_k (LARR stage 2, arXiv 2408.11523).
/// </summary>
static class ContrastTraining
{
    const int StepsPerCheckpoint = 50;

    /// <summary>Trains, going on from a checkpoint where the folder has one; leaves a checkpoint-free folder with <c>curve.csv</c>.</summary>
    public static void Run(ContrastModel model, BatchEncoder texts, IReadOnlyList<PairSet> sets, ContrastConfig config, StageContext context)
    {
        using var optimizer = ParameterGroups.AdamW(model, config.Optim);
        Checkpoint.TryLoad<int>(context.Folder, model, optimizer, out long first, out _);
        using var log = new ContrastLog(context, config.Steps, config.LogEvery, first);
        var step = new TrainStep(model, optimizer, config.Optim.ClipNorm);
        model.train();
        for (long s = first; s < config.Steps; s++)
        {
            context.Cancel.ThrowIfCancellationRequested();
            // A generator per step: a resumed run draws what an uninterrupted one would have drawn.
            var random = new Random(unchecked(context.Seed * 1_000_003 + (int)s));
            (PairSet Set, Pair[] Batch)[] drawn = [.. sets.Select(set => (set, set.Draw(config.Batch, random)))];
            double rate = config.Optim.Rate(s, config.Steps), positive = 0, negative = 0;
            long tokensBefore = texts.Tokens;
            double loss = step.Run(rate, () =>
            {
                int[] distinct = [.. drawn.SelectMany(d => d.Batch).SelectMany(p => (int[])[p.Left, p.Right]).Distinct()];
                Dictionary<int, int> rowOf = distinct.Index().ToDictionary(t => t.Item, t => t.Index);
                Tensor vectors = texts.Encode(distinct), temperature = model.Temperature(); // [N,D]
                Tensor sum = zeros(1, device: vectors.device).squeeze();
                foreach ((PairSet set, Pair[] batch) in drawn)
                {
                    PairLoss pair = PairLoss.Of(set, batch, vectors, rowOf, temperature, config);
                    sum = sum + config.Weight(set.Kind) * pair.Loss;
                    if (!log.IsDue(s)) continue;
                    positive += pair.Positive.item<float>() / drawn.Length;
                    negative += pair.Negative.item<float>() / drawn.Length;
                }
                return sum;
            });
            log.Step(s, loss, rate, texts.Tokens - tokensBefore, positive, negative);
            if ((s + 1) % StepsPerCheckpoint == 0 && s + 1 < config.Steps) Checkpoint.Save(context.Folder, s + 1, model, optimizer, 0);
        }
        model.eval();
    }
}
