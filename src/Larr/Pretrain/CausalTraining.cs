using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>The training loop of a language model: next-token loss on packed rows, resumable at every checkpoint with the same bits.</summary>
static class CausalTraining
{
    /// <summary>Trains from the newest checkpoint in the context's folder, or from the start. Returns tokens per second.</summary>
    public static double Run(Decoder decoder, TextTokenizer tokenizer, IReadOnlyList<string> documents, PretrainConfig config, IReadOnlySet<int> segments, StageContext context)
    {
        var main = new RowStream(Pack(documents, tokenizer, config), context.Seed);
        var replay = config.ReplayFile is null ? null : new RowStream(Pack(Documents.Read(config.ReplayFile), tokenizer, config), context.Seed + 1);
        int batchRows = Math.Max(1, config.BatchTokens / config.Length), replayRows = replay is null ? 0 : (int)Math.Round(batchRows * config.ReplayShare);
        HashSet<int>? targetIds = config.TargetOnly ? [.. config.TargetTokens.Where(tokenizer.Has).Select(tokenizer.Id)] : null;
        var targets = new TargetSegments(targetIds, segments);
        var everything = new TargetSegments(null, segments);
        decoder.Compute = config.Compute.Type();
        using var optimizer = ParameterGroups.AdamW(decoder, config.Optim);
        var update = new TrainStep(decoder, optimizer, config.Optim.ClipNorm);
        Checkpoint.TryLoad<State>(context.Folder, decoder, optimizer, out long first, out _);
        using var log = new StepLog(context, config.Steps, config.LogSteps, first);
        for (long step = first; step < config.Steps; step++)
        {
            context.Cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            double rate = config.Optim.Rate(step, config.Steps);
            List<PackedBatch> batches = [.. Micro(main, step, batchRows - replayRows, targets, config)];
            if (replay is not null) batches.AddRange(Micro(replay, step, replayRows, everything, config));
            double predicted = batches.Sum(b => b.Next.ne(TargetSegments.Ignored).sum().item<long>());
            if (predicted == 0) throw new InvalidOperationException($"step {step}: no token to predict; are the target tokens {string.Join(", ", config.TargetTokens)} in the corpus?");
            double loss = update.Run(rate, [.. batches.Select(b => (Func<Tensor>)(() => Loss(decoder, b, predicted)))]);
            log.Step(step, loss, rate, (long)batchRows * config.Length);
            if ((step + 1) % config.CheckpointSteps == 0 && step + 1 < config.Steps) Checkpoint.Save(context.Folder, step + 1, decoder, optimizer, new State(context.Seed));
        }
        return log.TokensPerSecond;
    }

    static PackedRows Pack(IEnumerable<string> documents, TextTokenizer tokenizer, PretrainConfig config) =>
        new(documents.Select(tokenizer.Encode), config.Length, tokenizer.EndId);

    static IEnumerable<PackedBatch> Micro(RowStream stream, long step, int rows, TargetSegments segments, PretrainConfig config) =>
        stream.Take(step * rows, rows).Chunk(Math.Max(1, config.MicroBatchTokens / config.Length)).Select(chosen => PackedBatch.Of(stream.Rows, chosen, segments));

    static Tensor Loss(Decoder decoder, PackedBatch batch, double predicted)
    {
        Tensor hidden = decoder.Hidden(batch.Ids, batch.Mask, batch.Positions).flatten(0, 1); // [B·T,D]
        return ChunkedCrossEntropy.Loss(hidden, decoder.HeadWeight, batch.Next, predicted, decoder.Compute);
    }

    /// <summary>All else follows from the step.</summary>
    sealed record State(int Seed);
}
