using Larr.Model;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// The training loop. Each step draws a batch of every kind, encodes each distinct text of all of them once, and follows the gradient of the
/// weighted sum Σ_k w_k·InfoNCE_k (LARR stage 2, arXiv 2408.11523), to which a generative loss may be added.
/// </summary>
static class ContrastTraining
{
    const int StepsPerCheckpoint = 50;

    /// <summary>Type of the matrix products: that of the checkpoint where there is one.</summary>
    internal static ScalarType Type(ContrastConfig config, StageContext context) =>
        Checkpoint.Peek<string>(context.Folder) is { } began ? Enum.Parse<ScalarType>(began) : config.Precision.Type();

    /// <summary>Trains, going on from a checkpoint where the folder has one; leaves <c>curve.csv</c> and returns the curve's warnings.</summary>
    public static IReadOnlyList<string> Run(ContrastModel model, BatchEncoder texts, IReadOnlyList<PairSet> sets, GenerativeLoss? generative, ContrastConfig config, StageContext context)
    {
        using var optimizer = ParameterGroups.AdamW(model, config.Optim);
        Checkpoint.TryLoad<string>(context.Folder, model, optimizer, out long first, out _);
        using var log = new ContrastLog(context, config.Steps, config.LogEvery, first);
        var step = new TrainStep(model, optimizer, config.Optim.ClipNorm);
        var hard = config.HardNegatives > 0 ? new HardNegatives(texts, config) : null;
        model.train();
        for (long s = first; s < config.Steps; s++)
        {
            context.Cancel.ThrowIfCancellationRequested();
            if (s % StepsPerCheckpoint == 0) hard?.Refresh(sets, context.Cancel);
            // A generator per step: a resumed run draws what an uninterrupted one would have drawn.
            var random = new Random(unchecked(context.Seed * 1_000_003 + (int)s));
            DrawnBatch[] drawn = [.. sets.Select(set => Draw(set, config, hard, random, context.Cancel))];
            int[] distinct = [.. drawn.SelectMany(d => d.Texts).Distinct()];
            long tokensBefore = texts.Tokens;
            StepFigures figures = default;
            Tensor Loss(Tensor vectors) => Sum(model, drawn, distinct, vectors, config, log.IsDue(s), out figures);
            IReadOnlyList<Func<Tensor>> losses = config.GradCacheTokens is { } budget
                ? new GradCache(texts, budget).Losses(distinct, Loss)
                : [() => Loss(texts.Encode(distinct))];
            if (generative is not null) losses = [.. losses, () => generative.At(s)];
            double rate = config.Optim.Rate(s, config.Steps), loss = step.Run(rate, losses);
            log.Step(s, loss, rate, texts.Tokens - tokensBefore, figures);
            if ((s + 1) % StepsPerCheckpoint == 0 && s + 1 < config.Steps) Checkpoint.Save(context.Folder, s + 1, model, optimizer, $"{model.encoder.decoder.Compute}");
        }
        model.eval();
        return log.Warnings;
    }

    static DrawnBatch Draw(PairSet set, ContrastConfig config, HardNegatives? hard, Random random, CancellationToken cancel)
    {
        Pair[] pairs = set.Draw(config.Batch, random);
        int[] passedOver = set.PassedOver(pairs, config.ShownNegatives, random), near = hard?.Of(set, pairs, random, cancel) ?? [];
        return new(set, pairs, [.. passedOver.Union(near)]);
    }

    /// <summary>Σ_k w_k·InfoNCE_k of vectors [N,D] of the distinct texts, and the figures of the curve where they are wanted.</summary>
    static Tensor Sum(ContrastModel model, DrawnBatch[] drawn, int[] distinct, Tensor vectors, ContrastConfig config, bool figured, out StepFigures figures)
    {
        Dictionary<int, int> rowOf = distinct.Index().ToDictionary(t => t.Item, t => t.Index);
        Tensor sum = zeros(1, device: vectors.device).squeeze();
        double positive = 0, negative = 0;
        foreach (DrawnBatch batch in drawn)
        {
            PairLoss pair = PairLoss.Of(batch, vectors, rowOf, model.Temperature(batch.Set.Kind), config);
            sum = sum + config.Weight(batch.Set.Kind) * pair.Loss;
            if (!figured) continue;
            positive += pair.Positive.item<float>() / drawn.Length;
            negative += pair.Negative.item<float>() / drawn.Length;
        }
        figures = figured ? new(positive, negative, Uniformity(vectors)) : default;
        return sum;
    }

    static double Uniformity(Tensor vectors)
    {
        using var noGrad = no_grad();
        Tensor squared = 2 - 2 * vectors.matmul(vectors.t()); // [N,N]
        Tensor others = eye(vectors.size(0), dtype: ScalarType.Bool, device: vectors.device).logical_not();
        return (-2 * squared.masked_select(others)).exp().mean().log().item<float>();
    }
}
