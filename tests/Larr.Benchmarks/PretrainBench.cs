using System.CommandLine;
using System.Diagnostics;
using Larr.Model;
using Larr.Pretrain;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// Tokens per second of pre-training, ours against the plain module version, both as one update of the same packed rows, in one
/// process: first the plain version under the allocator's own settings, then ours. The roof is the rate of bfloat16 products of the
/// shapes of the linear layers and the head alone; a token costs six operations per weight in them.
/// </summary>
static class PretrainBench
{
    const int Documents = 400;

    public static Command Make()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "base", Description = "base (of models/larr-base) or 135m." };
        shape.AcceptOnlyFromAmong("base", "135m");
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads of the tensor library." };
        var command = new Command("pretrain", "Tokens per second of pre-training against the plain module version.") { shape, threads };
        return Measured.Over(command, (parsed, measured) => Run(parsed.GetValue(shape) == "base" ? Base() : Large(), parsed.GetValue(threads), measured));
    }

    /// <summary>What is trained, and how often each side is timed.</summary>
    sealed record Job(DecoderConfig Shape, int Rows, int Length, int PlainRepeats, int Repeats);

    static Job Base()
    {
        var config = new BaseModelConfig();
        return new Job(config.Shape, config.Training.BatchTokens / config.Training.Length, config.Training.Length, 6, 25);
    }

    static Job Large() => new(
        new DecoderConfig { VocabularySize = 49_152, Width = 576, Layers = 30, Heads = 9, KeyValueHeads = 3, HeadWidth = 64, FeedForwardWidth = 1536 }, 4, 256, 3, 7);

    static void Run(Job job, int threads, Measured measured)
    {
        set_num_threads(threads);
        PackedRows rows = Rows(job);
        double[] plain = Plain(job, rows);
        long plainPeak = PeakMemory();
        NativeMemory.KeepFreed();
        // The allocator keeps what it has: the way that needs less memory goes first.
        ForgetPeak();
        double[] recomputed = Ours(job with { Repeats = Math.Max(3, job.Repeats / 5) }, rows, recompute: true).Tokens;
        measured.Add("ours, layers recomputed", "tokens_per_s", recomputed);
        measured.Add("ours, layers recomputed", "peak_bytes", PeakMemory());
        ForgetPeak();
        (double[] ours, double[] share, double[] roof) = Ours(job, rows, recompute: false);
        measured.Headline("tokens_per_s", ours.Average());
        measured.Headline("plain_tokens_per_s", plain.Average());
        measured.Headline("ratio", ours.Average() / plain.Average());
        measured.Headline("roof_share", share.Average());
        measured.Headline("peak_bytes", PeakMemory());
        measured.Add("plain", "peak_bytes", plainPeak);
        measured.Add("plain", "tokens_per_s", plain);
        measured.Add("ours", "tokens_per_s", ours);
        measured.Add("ours", "roof_share", share);
        measured.Add("products of the linear layers", "gflop_per_s", roof);
        Attention(job, rows, measured);
    }

    static double[] Plain(Job job, PackedRows rows)
    {
        using var model = new PlainLanguageModel(job.Shape);
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-3);
        return [.. Enumerable.Range(0, job.PlainRepeats + 1).Select(repeat => TokensPerSecond(job, () =>
        {
            using var scope = NewDisposeScope();
            (PackedBatch batch, Tensor mask) = Batch(job, rows);
            optimizer.zero_grad();
            model.forward(batch.Ids, mask, batch.Next).backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1);
            optimizer.step();
        })).Skip(1)];
    }

    static (double[] Tokens, double[] Share, double[] Roof) Ours(Job job, PackedRows rows, bool recompute)
    {
        using var decoder = new Decoder(job.Shape, 1) { Compute = Precision.Auto.Type(), Recompute = recompute };
        using FusedAdamW optimizer = ParameterGroups.AdamW(decoder, new OptimConfig());
        var step = new TrainStep(decoder, optimizer, 1);
        List<double> tokens = [], share = [], roof = [];
        for (int repeat = -2; repeat < job.Repeats; repeat++)
        {
            double rate = TokensPerSecond(job, () =>
            {
                using var scope = NewDisposeScope();
                (PackedBatch batch, Tensor mask) = Batch(job, rows, masked: false);
                double predicted = batch.Next.ne(TargetSegments.Ignored).sum().item<long>();
                using (decoder.HoldWeights())
                    step.Run(1e-3, () => ChunkedCrossEntropy.Loss(decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1), decoder.HeadWeight, batch.Next, predicted, decoder.Compute));
            });
            if (repeat < 0) continue;
            double limit = ProductRate(job, decoder.Compute);
            tokens.Add(rate);
            roof.Add(limit / 1e9);
            share.Add(6.0 * LinearWeights(job.Shape) * rate / limit);
        }
        return ([.. tokens], [.. share], [.. roof]);
    }

    /// <summary>Operations per second of one product of each linear shape, in bfloat16 where that is what we compute in.</summary>
    static double ProductRate(Job job, ScalarType type)
    {
        double operations = 0;
        var clock = new Stopwatch();
        foreach ((long inputs, long outputs, int count) in Linears(job.Shape).Select(l => (l.Inputs, l.Outputs, l.Count)))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor x = ones([(long)job.Rows * job.Length, inputs], dtype: type), w = ones([outputs, inputs], dtype: type);
            int times = Math.Min(count, 3);
            using (nn.functional.linear(x, w)) clock.Start();
            for (int i = 0; i < times; i++)
                using (nn.functional.linear(x, w)) operations += 2.0 * x.size(0) * inputs * outputs;
            clock.Stop();
        }
        return operations / clock.Elapsed.TotalSeconds;
    }

    static IEnumerable<(long Inputs, long Outputs, int Count)> Linears(DecoderConfig c) =>
    [
        (c.Width, (c.Heads + 2 * c.KeyValueHeads) * c.HeadWidth, c.Layers), (c.Heads * c.HeadWidth, c.Width, c.Layers),
        (c.Width, 2 * c.FeedForwardWidth, c.Layers), (c.FeedForwardWidth, c.Width, c.Layers), (c.Width, c.VocabularySize, 1),
    ];

    static double LinearWeights(DecoderConfig c) => Linears(c).Sum(l => (double)l.Inputs * l.Outputs * l.Count);

    /// <summary>Attention of one layer, forward and backward: our kernel over documents against the library's operations under a mask.</summary>
    static void Attention(Job job, PackedRows rows, Measured measured)
    {
        ScalarType type = Precision.Auto.Type();
        using var rope = new Rope(job.Shape.HeadWidth, job.Shape.RopeTheta);
        using var attention = new Attention(job.Shape);
        List<double> runs = [], masks = [];
        for (int repeat = -1; repeat < 5; repeat++)
        {
            using var scope = NewDisposeScope();
            (PackedBatch batch, Tensor mask) = Batch(job, rows);
            (_, Tensor positions) = RunMask.Of(batch.Runs, job.Rows, job.Length, CPU);
            (Tensor cos, Tensor sin) = rope.Table(job.Length, CPU);
            Tensor Pick(Tensor table) => table.index_select(0, positions.flatten()).view(job.Rows, 1, job.Length, -1);
            Tensor x = randn([job.Rows, job.Length, job.Shape.Width]).to(type).requires_grad_();
            double Milliseconds(Layout layout)
            {
                var clock = Stopwatch.StartNew();
                attention.forward(x, layout).sum().backward();
                return clock.Elapsed.TotalMilliseconds;
            }
            double run = Milliseconds(new Layout(cos, sin, null, batch.Runs, type)), masked = Milliseconds(new Layout(Pick(cos), Pick(sin), mask.to(type), null, type));
            if (repeat < 0) continue;
            runs.Add(run);
            masks.Add(masked);
        }
        measured.Add("attention layer, documents by our kernel", "ms", runs);
        measured.Add("attention layer, mask by the library", "ms", masks);
    }

    static double TokensPerSecond(Job job, Action step)
    {
        var clock = Stopwatch.StartNew();
        step();
        return job.Rows * job.Length / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Documents of 8 to T tokens, short ones more often, packed.</summary>
    static PackedRows Rows(Job job)
    {
        var random = new Random(1);
        return new PackedRows(Enumerable.Range(0, Documents).Select(_ =>
        {
            int length = 8 + (int)((job.Length - 9) * Math.Pow(random.NextDouble(), 2));
            return Enumerable.Range(0, length).Select(_ => 1 + random.Next(job.Shape.VocabularySize - 1)).ToArray();
        }), job.Length, 0);
    }

    static (PackedBatch Batch, Tensor Mask) Batch(Job job, PackedRows rows, bool masked = true)
    {
        // Rows are packed longest document first: some of every kind.
        PackedBatch batch = PackedBatch.Of(rows, [.. Enumerable.Range(0, job.Rows).Select(r => r * rows.Count / job.Rows)], new TargetSegments(null, new HashSet<int>()));
        return (batch, masked ? RunMask.Of(batch.Runs, job.Rows, job.Length, CPU).Mask : empty(0));
    }

    static long PeakMemory() => long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10;

    /// <summary>Lets the peak count from what is held now.</summary>
    static void ForgetPeak()
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
