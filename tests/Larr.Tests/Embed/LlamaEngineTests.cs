using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Llama;
using Larr.Model;
using Larr.Tests.Model;

namespace Larr.Tests.Embed;

/// <summary>The engine llama gives the vectors of the engine packed.</summary>
[Collection("torch")]
public sealed class LlamaEngineTests : IDisposable
{
    readonly ThreadCount _threadsBefore = new();

    static readonly string[] s_texts =
        [.. Enumerable.Range(0, 300).Select(i => $"the weather is {string.Concat(Enumerable.Repeat("light rain ", i % 7))}{i}"), "sunny", "the weather is light rain 1"];

    public LlamaEngineTests()
    {
        Assert.SkipWhen(LlamaLibrary.WhyAbsent is not null, LlamaLibrary.WhyAbsent ?? "");
        TorchSharp.torch.set_num_threads(1); // llama.cpp's threads wait in loops, which is slow beside other processes
    }

    public void Dispose() => _threadsBefore.Dispose();

    [Theory]
    [InlineData(Pooling.LastToken, 16, false, Precision.Float32, 1e-5)]
    [InlineData(Pooling.Mean, null, false, Precision.Float32, 1e-5)]
    [InlineData(Pooling.LastToken, 16, true, Precision.Float32, 1e-5)]
    [InlineData(Pooling.Mean, 16, true, Precision.Float32, 1e-5)]
    [InlineData(Pooling.LastToken, 16, false, Precision.BFloat16, 1e-3)]
    [InlineData(Pooling.LastToken, 16, true, Precision.BFloat16, 1e-3)]
    public void The_vectors_are_those_of_the_packed_engine_in_input_order(Pooling pooling, int? dimension, bool norm, Precision precision, double tolerance)
    {
        EmbedConfig config = new() { BatchTokens = 256, Precision = precision };
        using PackedEmbedder packed = SmallEncoder.Embedder(Encoder(pooling, dimension, norm), config);
        using PackedEmbedder llama = SmallEncoder.Embedder(Encoder(pooling, dimension, norm), config with { Engine = EmbedEngine.Llama });
        EmbeddedTexts expected = packed.Run(s_texts), found = llama.Run(s_texts);
        Assert.Equal(expected.Tokens, found.Tokens);
        Assert.Equal((expected.Duplicates, expected.Cut, expected.TokensDistinct), (found.Duplicates, found.Cut, found.TokensDistinct));
        Assert.Equal(found.TokensDistinct, found.TokensComputed); // it shares no beginnings
        for (int t = 0; t < s_texts.Length; t++)
        {
            Assert.InRange(TensorPrimitives.CosineSimilarity<float>(expected.Vectors[t], found.Vectors[t]), 1 - tolerance, 1 + 1e-6);
            Assert.Equal(1, TensorPrimitives.Norm<float>(found.Vectors[t]), 1e-5f);
        }
        Assert.Equal(packed.Identity("t"), llama.Identity("t"));
    }

    [Fact]
    public async Task Calls_from_several_threads_take_turns_and_nothing_is_left_behind()
    {
        string[] before = Files();
        using (PackedEmbedder llama = SmallEncoder.Embedder(config: new EmbedConfig { Engine = EmbedEngine.Llama, BatchTokens = 64 }))
        {
            float[][] expected = llama.Run(s_texts).Vectors;
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => llama.GenerateAsync(s_texts, cancellationToken: TestContext.Current.CancellationToken)));
            foreach (var result in results)
                for (int t = 0; t < s_texts.Length; t++)
                    Assert.InRange(TensorPrimitives.CosineSimilarity(expected[t], result[t].Vector.Span), 1 - 1e-6f, 1 + 1e-6f);
        }
        Assert.Empty(Files().Except(before));

        static string[] Files() => Directory.GetFiles(Path.GetTempPath(), "larr-*.gguf");
    }

    static TextEncoder Encoder(Pooling pooling, int? dimension, bool norm)
    {
        DecoderConfig config = DecoderConfig.Nano with { VocabularySize = SmallEncoder.Tokenizer().VocabularySize, HeadWidth = 16, QueryKeyNorm = norm };
        var decoder = new Decoder(config, seed: 1);
        DecoderTests.Disturb(decoder);
        return new TextEncoder(decoder, pooling, dimension, seed: 2);
    }
}
