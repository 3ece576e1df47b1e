using System.Numerics.Tensors;
using Larr.Corpus;
using Larr.Embed;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Tests.Embed.Packed;

/// <summary>The packed forward against the encoder's own, over the shapes that checkpoints have.</summary>
[Collection("torch")]
public sealed class PackedForwardTests
{
    static readonly string[] s_texts =
        [.. Enumerable.Range(0, 40).Select(i => $"the weather is {string.Concat(Enumerable.Repeat("light rain ", i % 9))}{i % 30}"), new string('a', 90), "it is lunch time"];

    static readonly DecoderConfig s_nano = DecoderConfig.Nano with { VocabularySize = SmallEncoder.Tokenizer().VocabularySize };

    public static TheoryData<string, Pooling, int?> Shapes => new MatrixTheoryData<string, Pooling, int?>(
        ["small heads", "wide heads", "query and key norm", "bias", "one key head"], [Pooling.LastToken, Pooling.Mean], [null, 16]);

    static DecoderConfig Shape(string name) => name switch
    {
        "wide heads" => s_nano with { HeadWidth = 64, Heads = 3, KeyValueHeads = 1 },
        "query and key norm" => s_nano with { HeadWidth = 32, QueryKeyNorm = true },
        "bias" => s_nano with { AttentionBias = true },
        "one key head" => s_nano with { HeadWidth = 16, KeyValueHeads = 1 },
        _ => s_nano,
    };

    static TextEncoder Encoder(DecoderConfig config, Pooling pooling, int? dimension, TextAttention attention = TextAttention.Causal)
    {
        var decoder = new Decoder(config, seed: 1);
        using var noGrad = no_grad();
        // Norms and biases that are not the neutral ones of a new model.
        foreach ((string name, TorchSharp.torch.Tensor weight) in decoder.state_dict())
            if (name.EndsWith("bias", StringComparison.Ordinal) || name.Contains("orm.", StringComparison.Ordinal)) weight.add_(0.3 * randn(weight.shape, generator: new Generator(7)));
        return new TextEncoder(decoder, pooling, dimension, seed: 2, attention);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Vectors_are_those_of_the_encoder(string shape, Pooling pooling, int? dimension)
    {
        var tokenizer = SmallEncoder.Tokenizer();
        float[][] expected = new float[s_texts.Length][];
        using (TextEncoder encoder = Encoder(Shape(shape), pooling, dimension))
        using (no_grad())
            for (int t = 0; t < s_texts.Length; t++)
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                long[] ids = [.. tokenizer.Encode(pooling == Pooling.Mean ? s_texts[t] : s_texts[t] + EmbedToken.Text).Select(i => (long)i)];
                expected[t] = encoder.forward(tensor(ids, [1, ids.Length]), tensor(new long[] { ids.Length })).data<float>().ToArray();
            }
        using PackedEmbedder embedder = SmallEncoder.Embedder(Encoder(Shape(shape), pooling, dimension));
        float[][] vectors = embedder.Run(s_texts).Vectors;
        for (int t = 0; t < s_texts.Length; t++)
            Assert.All(vectors[t].Zip(expected[t]), c => Assert.Equal(c.Second, c.First, 2e-6f));
    }

    [Theory]
    [InlineData(Pooling.LastToken, 16)]
    [InlineData(Pooling.Mean, null)]
    public void Bidirectional_vectors_are_those_of_the_encoder_too_and_share_no_beginnings(Pooling pooling, int? dimension)
    {
        DecoderConfig shape = Shape("query and key norm");
        var tokenizer = SmallEncoder.Tokenizer();
        int[][] ids = [.. s_texts.Select(t => tokenizer.Encode(pooling == Pooling.Mean ? t : t + EmbedToken.Text))];
        int longest = ids.Max(i => i.Length);
        float[] expected;
        using (TextEncoder encoder = Encoder(shape, pooling, dimension, TextAttention.Bidirectional))
        using (no_grad())
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            // All at once: what pads the short ones must not be seen.
            expected = encoder.forward(
                tensor([.. ids.SelectMany(i => i.Concat(Enumerable.Repeat(3, longest - i.Length)).Select(t => (long)t))], [ids.Length, longest]),
                tensor([.. ids.Select(i => (long)i.Length)])).data<float>().ToArray();
        }
        using PackedEmbedder embedder = SmallEncoder.Embedder(Encoder(shape, pooling, dimension, TextAttention.Bidirectional));
        EmbeddedTexts embedded = embedder.Run(s_texts);
        Assert.All(embedded.Vectors.SelectMany(v => v).Zip(expected), c => Assert.Equal(c.Second, c.First, 2e-6f));
        Assert.Equal(embedded.TokensDistinct, embedded.TokensComputed);

        using PackedEmbedder causal = SmallEncoder.Embedder(Encoder(shape, pooling, dimension));
        Assert.NotEqual(causal.Run(s_texts).Vectors[0], embedded.Vectors[0]);
        Assert.NotEqual(causal.Identity("t"), embedder.Identity("t"));
    }

    [Theory]
    [InlineData("query and key norm", Pooling.LastToken, 16)]
    [InlineData("wide heads", Pooling.LastToken, null)]
    [InlineData("small heads", Pooling.Mean, 16)]
    public void In_float32_bits_depend_neither_on_the_batch_size_nor_on_the_threads(string shape, Pooling pooling, int? dimension)
    {
        using var threadsBefore = new ThreadCount();
        set_num_threads(1);
        float[][] expected = Vectors(7);
        foreach ((int count, int batchTokens) in new[] { (1, 1), (1, 64), (1, 512), (2, 33), (2, 512), (3, 100) })
        {
            set_num_threads(count);
            Assert.Equal(expected, Vectors(batchTokens));
        }
        Assert.Equal(3, get_num_threads());

        float[][] Vectors(int batchTokens)
        {
            using PackedEmbedder embedder = SmallEncoder.Embedder(Encoder(Shape(shape), pooling, dimension), new EmbedConfig { BatchTokens = batchTokens });
            return embedder.Run(s_texts).Vectors;
        }
    }

    [Theory]
    [InlineData(Pooling.LastToken)]
    [InlineData(Pooling.Mean)]
    public void Bfloat16_is_near_float32(Pooling pooling)
    {
        DecoderConfig shape = Shape("query and key norm") with { MaxLength = 512 };
        using PackedEmbedder exact = SmallEncoder.Embedder(Encoder(shape, pooling, 16));
        using PackedEmbedder rounded = SmallEncoder.Embedder(Encoder(shape, pooling, 16), new EmbedConfig { Precision = Precision.BFloat16 });
        string[] texts = [.. s_texts, string.Join(' ', s_texts)];
        EmbeddedTexts embedded = rounded.Run(texts);
        Assert.InRange(embedded.Tokens[^1], 200, 512); // long enough for the bfloat16 attention
        Assert.All(exact.Run(texts).Vectors.Zip(embedded.Vectors), v => Assert.InRange(TensorPrimitives.CosineSimilarity<float>(v.First, v.Second), 0.999f, 1.001f));
    }

    [Fact]
    public void A_shape_that_vectors_of_sixteen_do_not_fit_goes_through_the_encoder()
    {
        DecoderConfig odd = s_nano with { Width = 36, FeedForwardWidth = 50 };
        using PackedEmbedder embedder = SmallEncoder.Embedder(Encoder(odd, Pooling.LastToken, 10));
        float[][] together = embedder.Run(s_texts).Vectors;
        for (int t = 0; t < s_texts.Length; t += 5)
            Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(together[t], embedder.Run(s_texts[t]).Vectors[0]), 1e-5f);
    }
}
