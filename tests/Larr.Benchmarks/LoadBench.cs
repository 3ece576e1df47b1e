using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Larr.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// What loading a checkpoint takes: the highest resident memory while it is read, above that before, as a share of the float32 masters; and MB of file
/// per second. The checkpoint is made up: 135M parameters (30 layers, width 576, vocabulary 49,152), bfloat16 and float32. Linux only.
/// </summary>
static partial class LoadBench
{
    static readonly DecoderConfig s_shape = new()
    {
        VocabularySize = 49152,
        Width = 576,
        Layers = 30,
        Heads = 9,
        KeyValueHeads = 3,
        HeadWidth = 64,
        FeedForwardWidth = 1536,
        MaxLength = 2048,
    };

    public static Command Load() => Measured.Over(new Command("load", "Loading of a checkpoint: peak memory and speed."), (_, measured) =>
    {
        set_num_threads(1);
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        try
        {
            foreach (ScalarType type in new[] { ScalarType.BFloat16, ScalarType.Float32 })
            {
                Write(folder, type);
                Measure(folder, type.ToString().ToLowerInvariant(), measured);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    /// <summary>Writes the checkpoint without holding its weights: every tensor is made when its turn comes.</summary>
    static void Write(string folder, ScalarType type)
    {
        TextTokenizer tokenizer = TextTokenizer.Train(["a b c"], 300, ["<|endoftext|>"]);
        tokenizer.Save(folder);
        DecoderConfigFile.Write(s_shape, Path.Combine(folder, "config.json"), type.ToString().ToLowerInvariant(), tokenizer.EndId, tokenizer.EndId);
        List<(string, long[], Func<Tensor>)> tensors = [];
        foreach (WeightName name in HuggingFaceNames.Table(s_shape))
            foreach ((string theirs, long rows) in name.Parts)
            {
                long[] shape = name.Columns is { } columns ? [rows, columns] : [rows];
                tensors.Add((theirs, shape, () => full(shape, 0.01f)));
            }
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors, type);
    }

    static void Measure(string folder, string type, Measured measured)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _ = GiveBack(0);
        File.WriteAllText("/proc/self/clear_refs", "5"); // the highest resident memory counts from here
        long before = Status("VmRSS");
        var clock = Stopwatch.StartNew();
        (Decoder decoder, _) = HuggingFaceFolder.Load(folder);
        double seconds = clock.Elapsed.TotalSeconds;
        using (decoder)
        {
            double masters = decoder.parameters().Sum(p => p.numel()) * 4.0;
            measured.Headline($"{type}_peak_over_weights", (Status("VmHWM") - before) / masters);
            measured.Headline($"{type}_mb_per_s", new FileInfo(Path.Combine(folder, "model.safetensors")).Length / 1e6 / seconds);
        }
    }

    static long Status(string name) =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    /// <summary>Gives what earlier tensors left behind back to the system, so that it cannot hide new memory.</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int GiveBack(nuint keep);
}
