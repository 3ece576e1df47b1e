using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>The training loop of a language model: next-token loss on packed rows, resumable at every checkpoint with the same bits.</summary>
static class CausalTraining
{
    /// <summary>Trains from the newest checkpoint in the context's folder, or from the start.</summary>
    /// <param name="decoder">The model; frozen parameters stay.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="documents">Texts to train on.</param>
    /// <param name="replay">General texts, or none.</param>
    /// <param name="newTokens">Ids of tokens that the model did not have before.</param>
    /// <param name="targets">What is to be predicted of <paramref name="documents"/>.</param>
    /// <param name="config">The training.</param>
    /// <param name="context">Where to write and resume.</param>
    public static TrainingFigures Run(
        Decoder decoder, TextTokenizer tokenizer, IReadOnlyList<string> documents, IReadOnlyList<string> replay,
        IReadOnlyList<int> newTokens, TargetSegments targets, PretrainConfig config, StageContext context)
    {
        var main = new RowStream(Pack(documents, tokenizer, config), context.Seed);
        RowStream? general = replay.Count == 0 ? null : new RowStream(Pack(replay, tokenizer, config), context.Seed + 1);
        int batchRows = Math.Max(1, config.BatchTokens / config.Length), generalRows = general is null || config.ReplayShare == 0 ? 0 : Math.Max(1, (int)Math.Round(batchRows * config.ReplayShare));
        var everything = new TargetSegments(null, new HashSet<int>());
        decoder.Compute = Checkpoint.Peek<State>(context.Folder)?.Compute ?? config.Compute.Type(); // a resumed run multiplies as it began
        decoder.Recompute = config.Recompute;
        using var newRows = new NewRows(decoder, newTokens);
        bool lowRank = config.LowRank is not null;
        if (lowRank && newTokens.Count > 0)
            foreach (Parameter table in newRows.Tables) table.requires_grad_(true);
        using FusedAdamW optimizer = ParameterGroups.AdamW(decoder, config.Optim, lowRank ? newRows.Tables : []);
        Parameter[] rest = [.. optimizer.Parameters.Except(newRows.Tables)];
        var update = new TrainStep(decoder, optimizer, config.Optim.ClipNorm);
        Checkpoint.TryLoad<State>(context.Folder, decoder, optimizer, out long first, out _);
        using var log = new StepLog(context, config.Steps, config.LogSteps, first);
        for (long step = first; step < config.Steps; step++)
        {
            context.Cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            double rate = config.Optim.Rate(step, config.Steps);
            List<PackedBatch> batches = [.. Micro(main, step, batchRows - generalRows, targets, config)];
            if (general is not null) batches.AddRange(Micro(general, step, generalRows, everything, config));
            double predicted = Math.Max(1, batches.Sum(b => b.Next.ne(TargetSegments.Ignored).sum().item<long>()));
            bool onlyNew = newTokens.Count > 0 && step < config.NewTokenSteps;
            foreach (Parameter parameter in rest) parameter.requires_grad_(!onlyNew);
            update.BeforeUpdate = newTokens.Count > 0 && (onlyNew || lowRank) ? newRows.Mask : null;
            update.Decay = !onlyNew;
            double loss;
            using (decoder.HoldWeights())
                loss = update.Run(rate, [.. batches.Select(b => (Func<Tensor>)(() => Loss(decoder, b, predicted)))]);
            if (onlyNew)
                foreach (Parameter parameter in rest) parameter.requires_grad_(true);
            log.Step(step, loss, rate, (long)batchRows * config.Length);
            if ((step + 1) % config.CheckpointSteps == 0 && step + 1 < config.Steps) Checkpoint.Save(context.Folder, step + 1, decoder, optimizer, new State(context.Seed, decoder.Compute));
        }
        decoder.Recompute = false;
        return new TrainingFigures(log.TokensPerSecond, optimizer.Parameters.Sum(p => p.numel()), main.Rows.CutDocuments);
    }

    static PackedRows Pack(IEnumerable<string> documents, TextTokenizer tokenizer, PretrainConfig config) =>
        new(documents.Select(tokenizer.Encode), config.Length, tokenizer.EndId);

    static IEnumerable<PackedBatch> Micro(RowStream stream, long step, int rows, TargetSegments segments, PretrainConfig config) =>
        stream.Take(step * rows, rows).Chunk(Math.Max(1, config.MicroBatchTokens / config.Length)).Select(chosen => PackedBatch.Of(stream.Rows, chosen, segments));

    static Tensor Loss(Decoder decoder, PackedBatch batch, double predicted)
    {
        Tensor hidden = decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1); // [B·T,D]
        return ChunkedCrossEntropy.Loss(hidden, decoder.HeadWeight, batch.Next, predicted, decoder.Compute);
    }

    /// <summary>What a step cannot tell: nothing is drawn at random in it, and its rows are a function of seed and step.</summary>
    sealed record State(int Seed, ScalarType Compute);
}

/// <summary>What a training loop did.</summary>
/// <param name="TokensPerSecond">Tokens of rows, padding included, in this process.</param>
/// <param name="TrainedParameters">Parameters that were trained.</param>
/// <param name="CutDocuments">Documents longer than a row.</param>
readonly record struct TrainingFigures(double TokensPerSecond, long TrainedParameters, int CutDocuments);
