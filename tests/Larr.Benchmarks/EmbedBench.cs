using System.CommandLine;
using System.Diagnostics;
using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Model;
using Larr.Pretrain;
using Larr.Runs;

namespace Larr.Benchmarks;

/// <summary>
/// Bulk embedding by every engine on the same token ids, engines taking turns, on one thread and on several; then the city's scenes as they
/// come, and what rounding and shortening do to their vectors.
/// </summary>
static class EmbedBench
{
    const int Repeats = 3, Requests = 2000;
    static readonly int[] s_lengths = [8, 16, 32, 128, 512];

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "135m", Description = "base: the small base model's shape; 135m: 30 layers of width 576." };
        shape.AcceptOnlyFromAmong("base", "135m");
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "Threads that are measured beside one." };
        return Measured.Over(
            new Command("embed", "Bulk embedding: tokens and texts per second by engine, type and length.") { shape, threads },
            (parsed, measured) => Measure(measured, parsed.GetValue(shape)!, parsed.GetValue(threads)));
    }

    static void Measure(Measured measured, string shape, int threads)
    {
        NativeMemory.KeepFreed();
        var corpora = new EmbedCorpora();
        DecoderConfig config = shape == "base"
            ? new BaseModelConfig().Shape with { VocabularySize = corpora.Vocabulary }
            : new DecoderConfig { VocabularySize = 49152, Width = 576, Layers = 30, Heads = 9, KeyValueHeads = 3, HeadWidth = 64, FeedForwardWidth = 1536 };
        TextEncoder Encoder() => new(new Decoder(config, seed: 1), Pooling.LastToken, null, seed: 1);
        List<IEmbedEngine> engines =
        [
            new PackedRun(Encoder(), Precision.Float32, s_lengths[^1]), new PackedRun(Encoder(), Precision.BFloat16, s_lengths[^1]),
            new ModuleRun(Encoder(), Precision.BFloat16, 2048),
        ];
        (List<LlamaRun> llama, string? absent) = LlamaRun.All(config, corpora.Tokenizer, s_lengths[^1]);
        engines.AddRange(llama);
        int[] counts = threads == 1 ? [1] : [1, threads];
        var speed = new Dictionary<(string Engine, int Length, int Threads), double>();
        foreach (int length in s_lengths)
        {
            Console.Error.WriteLine($"texts of {length} tokens …");
            int[][] texts = EmbedCorpora.OfLength(length, shape == "base" ? 4096 : 1024, config.VocabularySize);
            foreach (((string name, int count), double[] seconds) in Turns(engines, counts, texts))
            {
                string row = $"{name}, {length} tokens, {count} threads";
                speed[(name, length, count)] = texts.Sum(t => t.Length) / seconds.Min();
                measured.Add(row, "tokens_per_s", [.. seconds.Select(s => texts.Sum(t => t.Length) / s)]);
                measured.Add(row, "texts_per_s", [.. seconds.Select(s => texts.Length / s)]);
            }
        }
        Ratios(measured, speed, threads, absent);
        Scenes(measured, corpora, engines, Encoder(), threads);
        foreach (IEmbedEngine engine in engines) engine.Dispose();
    }

    /// <summary>Seconds of each engine and number of threads, measured in turn so that a busy moment of the machine hits all alike; the first turn only warms up.</summary>
    static Dictionary<(string Name, int Threads), double[]> Turns(List<IEmbedEngine> engines, int[] counts, int[][] texts)
    {
        foreach (IEmbedEngine engine in engines) engine.Run(texts[..Math.Clamp(256 / texts[0].Length, 1, texts.Length)], 1);
        // The module's threads meet at a barrier after every small operation: on a shared machine that measures the neighbours.
        var seconds = engines.SelectMany(e => (e is ModuleRun ? [1] : counts).Select(c => (e.Name, c))).ToDictionary(k => k, _ => new double[Repeats]);
        for (int r = 0; r < Repeats; r++)
            foreach (IEmbedEngine engine in engines)
                foreach (int count in counts.Where(c => seconds.ContainsKey((engine.Name, c)))) seconds[(engine.Name, count)][r] = Seconds(() => engine.Run(texts, count));
        return seconds;
    }

    static void Ratios(Measured measured, Dictionary<(string Engine, int Length, int Threads), double> speed, int threads, string? absent)
    {
        string packed = "packed bfloat16";
        if (threads > 1) measured.Headline($"ratio_{threads}_threads_to_1", s_lengths.Min(l => speed[(packed, l, threads)] / speed[(packed, l, 1)]));
        string[] llama = [.. speed.Keys.Select(k => k.Engine).Where(n => n.StartsWith("llama bf16", StringComparison.Ordinal)).Distinct()];
        if (llama.Length > 0)
            measured.Headline("ratio_packed_bf16_to_best_llama_bf16", s_lengths.Min(l => speed[(packed, l, 1)] / llama.Max(n => speed[(n, l, 1)])));
        else
            measured.Remark("llama", $"no llama rows and no ratio_packed_bf16_to_best_llama_bf16: {absent}");
    }

    static void Scenes(Measured measured, EmbedCorpora corpora, List<IEmbedEngine> engines, TextEncoder plain, int threads)
    {
        Console.Error.WriteLine("scenes of the simulated city …");
        (int[][] ids, string[] texts) = corpora.Scenes(Requests);
        int[][] distinct = [.. ids.DistinctBy(t => string.Join(' ', t))];
        double packed = 0;
        foreach (IEmbedEngine engine in engines.OfType<PackedRun>())
            foreach (int count in new[] { threads, 1 }.Distinct())
            {
                long computed = 0;
                double seconds = Seconds(() => computed = engine.Run(distinct, count));
                string row = $"{engine.Name}, city scenes, {count} threads";
                packed = texts.Length / seconds;
                measured.Add(row, "texts_per_s", packed);
                measured.Add(row, "texts", texts.Length);
                measured.Add(row, "distinct_texts", distinct.Length);
                measured.Add(row, "tokens", ids.Sum(t => t.Length));
                measured.Add(row, "tokens_of_distinct_texts", distinct.Sum(t => t.Length));
                measured.Add(row, "tokens_computed", computed);
            }
        using (var one = new ModuleRun(plain, Precision.BFloat16, 1))
        {
            int[][] some = ids[..Math.Min(ids.Length, 60)];
            one.Run(some[..4], 1);
            double slow = some.Length / Seconds(() => one.Run(some, 1));
            measured.Add($"{one.Name}, city scenes, 1 threads", "texts_per_s", slow);
            measured.Headline("ratio_packed_bf16_to_one_at_a_time_on_scenes", packed / slow);
            measured.Headline("ratio_packed_bf16_to_one_at_a_time_on_distinct_scenes", packed / slow * distinct.Length / texts.Length);
        }
        foreach (LlamaRun llama in engines.OfType<LlamaRun>().Where(l => l.OneAtATime))
        {
            int[][] some = ids[..Math.Min(ids.Length, 60)];
            llama.Run(some[..4], threads);
            double texts_per_s = some.Length / Seconds(() => llama.Run(some, threads));
            measured.Add($"{llama.Name}, city scenes, {threads} threads", "texts_per_s", texts_per_s);
            measured.Headline("ratio_packed_bf16_to_llama_one_at_a_time_on_scenes", packed / texts_per_s);
        }
        using PackedEmbedder embedder = PackedEmbedder.Load(corpora.BaseFolder, new EmbedConfig());
        float[][] full = embedder.Embed([.. texts.Distinct()]).Vectors;
        int width = embedder.Dimension;
        foreach (Quantization type in new[] { Quantization.Float16, Quantization.Int8 }) Quality($"base model, {type.ToString().ToLowerInvariant()}", new VectorForm(width, null, type));
        foreach (int part in new[] { 2, 4 }) Quality($"base model, first {width / part} of {width}", new VectorForm(width, width / part, Quantization.None));

        void Quality(string row, VectorForm form) =>
            measured.Add(row, "mean_cosine_to_full", full.Average(v => TensorPrimitives.CosineSimilarity<float>(Padded(form.Of(v), width), v)));
    }

    static float[] Padded(float[] vector, int width)
    {
        Array.Resize(ref vector, width);
        return vector;
    }

    static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
