using Larr.Export;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;
using Larr.Tests.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Llama;

/// <summary>A small decoder in which every weight, norm and bias is random, so that a wrong place of any of them shows.</summary>
sealed class RandomModel : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public RandomModel(string family, Func<DecoderConfig, DecoderConfig>? change = null)
    {
        Assert.SkipWhen(LlamaLibrary.WhyAbsent is not null, LlamaLibrary.WhyAbsent ?? "");
        DecoderConfig config = DecoderConfig.Nano with
        {
            VocabularySize = Tokenizer.VocabularySize + 3, // padding rows, as Qwen's checkpoints have them
            Width = 64,
            HeadWidth = family == "qwen2" ? 16 : 32, // not width / heads, where the family allows it
            FeedForwardWidth = 96,
            Layers = 3,
            RopeTheta = 50_000,
            TiedHead = family == "qwen3",
            AttentionBias = family == "qwen2",
            QueryKeyNorm = family == "qwen3",
        };
        Decoder = new Decoder(change?.Invoke(config) ?? config, seed: 1);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(7, CPU);
        foreach ((string name, Tensor weight) in Decoder.state_dict())
            weight.copy_(name.Contains("orm", StringComparison.Ordinal) ? rand(weight.shape, generator: generator) + 0.5 : randn(weight.shape, generator: generator) * 0.15);
    }

    public TextTokenizer Tokenizer { get; } = SmallModel.Tokenizer();

    public Decoder Decoder { get; }

    public LlamaModel Load(GgmlType type = GgmlType.F32, bool headless = false)
    {
        string file = _folder.At($"{type}-{headless}.gguf");
        GgufExport.Write(Decoder, Tokenizer, file, type, headless);
        return new LlamaModel(file, new LlamaConfig { Threads = 1 });
    }

    /// <summary>Rounds the matrices to what a file of this type holds.</summary>
    public void Round(GgmlType type)
    {
        using var noGrad = no_grad();
        foreach (Tensor weight in Decoder.state_dict().Values.Where(w => w.Dimensions == 2))
        {
            float[] values = weight.data<float>().ToArray();
            byte[] bytes = new byte[type.Bytes(weight.shape)!.Value];
            GgmlEncoding.Encode(type, values, bytes);
            GgmlEncoding.Decode(type, bytes, values);
            using Tensor rounded = tensor(values, weight.shape);
            weight.copy_(rounded);
        }
    }

    /// <summary>Sequences of different lengths, of which one begins another.</summary>
    public int[][] Sequences()
    {
        var random = new Random(3);
        int[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(Tokenizer.VocabularySize))];
        int[] first = Draw(17);
        return [first, Draw(1), Draw(40), first[..9], Draw(5)];
    }

    public float[] Hidden(int[] ids) => Run(t => Decoder.Hidden(t), ids);

    public float[] Logits(int[] ids) => Run(Decoder.forward, ids);

    static float[] Run(Func<Tensor, Tensor> compute, int[] ids)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return compute(tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length])).contiguous().data<float>().ToArray();
    }

    public void Dispose()
    {
        Decoder.Dispose();
        _folder.Dispose();
    }
}
