using BenchmarkDotNet.Attributes;
using Larr.Embed.Packed;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>Attention of one text in one layer of the 135M shape: float32 tiles, and bfloat16 products, which short texts leave to the tiles.</summary>
public class AttentionBenchmarks
{
    const int Longest = 512;

    static readonly DecoderConfig s_shape = new() { VocabularySize = 49152, Width = 576, Layers = 30, Heads = 9, KeyValueHeads = 3, HeadWidth = 64, FeedForwardWidth = 1536 };

    readonly GroupedQueryAttention _tiles = new(s_shape, TextAttention.Causal, Longest);
    readonly BFloat16Attention _products = new(s_shape, TextAttention.Causal, Longest);
    readonly Rows<Float32Element> _q = Filled(s_shape.Heads, 0.3), _k = Filled(s_shape.KeyValueHeads, 1), _v = Filled(s_shape.KeyValueHeads, 1), _y = Filled(s_shape.Heads, 0);
    int[] _path = [];

    [Params(32, 128, 192, 256, 512)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Make()
    {
        OneThread.Prepare();
        _path = [.. Enumerable.Range(0, Tokens)];
    }

    [Benchmark(Baseline = true)]
    public void Tiles() => _tiles.Attend(_q, _k, _v, _path, 0, Tokens, _y);

    [Benchmark]
    public void Products() => _products.Attend(_q, _k, _v, _path, 0, Tokens, _y);

    static Rows<Float32Element> Filled(int heads, double scale)
    {
        var rows = new Rows<Float32Element>(Longest, heads * s_shape.HeadWidth);
        using Tensor numbers = randn(Longest, heads * s_shape.HeadWidth, generator: new Generator(1));
        using Tensor scaled = numbers * scale;
        rows.Tensor.copy_(scaled);
        return rows;
    }
}
