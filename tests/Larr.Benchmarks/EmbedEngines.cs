using Larr.Embed.Packed;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>A way of embedding token ids, measured against the others on the same ids.</summary>
interface IEmbedEngine : IDisposable
{
    /// <summary>Name of the engine and of its type, such as <c>packed bfloat16</c>.</summary>
    string Name { get; }

    /// <summary>Computes the vectors of all texts; returns the tokens that went through the model.</summary>
    long Run(int[][] texts, int threads);
}

/// <summary>The packed engine as the embedder uses it.</summary>
sealed class PackedRun(TextEncoder encoder, Precision precision, int longest) : IEmbedEngine
{
    const int BatchTokens = 512;

    readonly PackedEngine _engine = new(encoder, precision.Type(), BatchTokens, longest, CPU);

    public string Name { get; } = $"packed {precision.ToString().ToLowerInvariant()}";

    public long Run(int[][] texts, int threads)
    {
        var batches = new TextBatches(texts.Length, t => texts[t]);
        _engine.Run(threads, batches.Take(BatchTokens, threads, CancellationToken.None), (_, _, _) => { }, _ => { });
        return batches.Rows;
    }

    public void Dispose() => _engine.Dispose();
}

/// <summary>The encoder's own forward: texts of one length together, or one after another, as a plain wrapper would.</summary>
sealed class ModuleRun : IEmbedEngine
{
    readonly TextEncoder _encoder;
    readonly ModuleWorker _worker;
    readonly int _batchTokens;

    public ModuleRun(TextEncoder encoder, Precision precision, int batchTokens)
    {
        (_encoder, _batchTokens) = (encoder, batchTokens);
        encoder.LanguageModel.Compute = precision.Type();
        _worker = new ModuleWorker(encoder, CPU);
        Name = $"module {precision.ToString().ToLowerInvariant()}, {(batchTokens == 1 ? "one text at a time" : $"{batchTokens} tokens at a time")}";
    }

    public string Name { get; }

    public long Run(int[][] texts, int threads)
    {
        set_num_threads(threads);
        long tokens = 0;
        foreach (IGrouping<int, int[]> same in texts.GroupBy(t => t.Length))
            foreach (int[][] batch in same.Chunk(Math.Max(1, _batchTokens / same.Key)))
            {
                var forest = new TokenForest();
                foreach (int[] text in batch) forest.Add(text);
                _worker.Run(forest, (_, _) => { });
                tokens += batch.Sum(t => (long)t.Length);
            }
        return tokens;
    }

    public void Dispose() => _encoder.Dispose();
}
