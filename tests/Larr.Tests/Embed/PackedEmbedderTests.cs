using System.Numerics.Tensors;
using Larr.Corpus;
using Larr.Embed;
using Larr.Model;
using Microsoft.Extensions.AI;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Embed;

[Collection("torch")]
public sealed class PackedEmbedderTests
{
    static readonly string[] s_texts =
        [.. Enumerable.Range(0, 60).Select(i => $"the weather is {string.Concat(Enumerable.Repeat("light rain ", i % 7))}{i % 40}")];

    [Theory]
    [InlineData(Pooling.LastToken, 16)]
    [InlineData(Pooling.Mean, null)]
    public void A_text_has_the_same_bits_alone_and_in_any_batch(Pooling pooling, int? dimension)
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder(pooling, new EmbedConfig { BatchTokens = 400 }, dimension);
        using PackedEmbedder alone = SmallEncoder.Embedder(pooling, new EmbedConfig { BatchTokens = 1 }, dimension);
        EmbeddedTexts together = embedder.Run(s_texts), oneByOne = alone.Run(s_texts);
        Assert.Equal(together.Vectors, oneByOne.Vectors);
        Assert.True(together.TokensComputed < oneByOne.TokensComputed);
        for (int t = 0; t < s_texts.Length; t += 7) Assert.Equal(together.Vectors[t], alone.Run(s_texts[t]).Vectors[0]);
        Assert.All(together.Vectors, v => Assert.Equal(1, TensorPrimitives.Norm<float>(v), 1e-5f));
    }

    [Fact]
    public void The_vector_is_that_of_the_encoder_on_the_text_and_the_embedding_token()
    {
        using TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] ids = SmallEncoder.Tokenizer().Encode(s_texts[5] + EmbedToken.Text);
        using var expected = encoder.forward(tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length]), tensor(new long[] { ids.Length }));

        using PackedEmbedder embedder = SmallEncoder.Embedder();
        EmbeddedTexts embedded = embedder.Run(s_texts[..8]);
        Assert.True(TensorPrimitives.CosineSimilarity<float>(expected.data<float>().ToArray(), embedded.Vectors[5]) >= 1 - 1e-6f);
        Assert.Equal(ids.Length, embedded.Tokens[5]);
    }

    [Fact]
    public void Equal_texts_are_computed_once_and_results_stand_in_input_order()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        EmbeddedTexts once = embedder.Run("it is lunch time", "sunny");
        EmbeddedTexts embedded = embedder.Run("sunny", "it is lunch time", "sunny", "it is lunch time", "it is lunch time");
        Assert.Equal((3, 0), (embedded.Duplicates, embedded.Cut));
        Assert.Equal(once.TokensComputed, embedded.TokensComputed);
        Assert.Equal(once.Tokens.Sum(), embedded.TokensDistinct);
        Assert.Equal([once.Vectors[1], once.Vectors[0], once.Vectors[1], once.Vectors[0], once.Vectors[0]], embedded.Vectors);
    }

    [Fact]
    public void A_long_text_is_cut_before_the_embedding_token_and_counted()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder(config: new EmbedConfig { MaxTokens = 9 });
        string start = "it is late in the evening", cut = start + " and the weather is sunny";
        int[] ids = SmallEncoder.Tokenizer().Encode(cut);
        Assert.True(ids.Length > 8);
        EmbeddedTexts embedded = embedder.Run(cut, SmallEncoder.Tokenizer().Decode(ids[..8]));
        Assert.Equal(1, embedded.Cut);
        Assert.Equal([9, 9], embedded.Tokens);
        Assert.True(TensorPrimitives.CosineSimilarity<float>(embedded.Vectors[1], embedded.Vectors[0]) >= 1 - 1e-6f);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void An_empty_text_is_refused_by_its_index(string empty)
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        Assert.StartsWith("text 1 is empty", Assert.Throws<ArgumentException>(() => embedder.Run("sunny", empty)).Message);
    }

    [Fact]
    public void A_vector_that_is_not_finite_is_an_error_and_never_returned()
    {
        TextEncoder encoder = SmallEncoder.Encoder(Pooling.Mean, null);
        using (no_grad()) encoder.LanguageModel.EmbeddingWeight.fill_(float.NaN);
        using PackedEmbedder embedder = SmallEncoder.Embedder(encoder);
        Assert.Contains("text 0, \"sunny\"", Assert.Throws<InvalidDataException>(() => embedder.Run("sunny")).Message);
    }

    [Fact]
    public async Task The_generator_fills_usage_and_metadata_and_refuses_another_dimension()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        GeneratedEmbeddings<Embedding<float>> result = await embedder.GenerateAsync(["sunny", "sunny", "lunch"], cancellationToken: TestContext.Current.CancellationToken);
        EmbeddedTexts expected = embedder.Run("sunny", "sunny", "lunch");

        Assert.Equal(expected.Vectors, result.Select(e => e.Vector.ToArray()));
        Assert.Equal(expected.Tokens.Sum(), result.Usage!.InputTokenCount);
        Assert.Equal(expected.TokensComputed, result.Usage.AdditionalCounts!["tokens_computed"]);
        Assert.All(result, e => Assert.Equal("model-hash", e.ModelId));
        EmbeddingGeneratorMetadata metadata = embedder.GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.Equal(("larr", "model-hash", 16), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(embedder, embedder.GetService<PackedEmbedder>());
        await Assert.ThrowsAsync<ArgumentException>(() => embedder.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 8 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Calls_from_several_threads_give_what_calls_in_turn_give()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder(config: new EmbedConfig { BatchTokens = 64 });
        float[][] expected = embedder.Run(s_texts).Vectors;
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => embedder.GenerateAsync(s_texts, cancellationToken: TestContext.Current.CancellationToken)));
        Assert.All(results, result => Assert.Equal(expected, result.Select(e => e.Vector.ToArray())));
    }

    [Fact]
    public void A_cancelled_call_stops_between_batches()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder(config: new EmbedConfig { BatchTokens = 1 });
        using var cancel = new CancellationTokenSource();
        int batches = 0;
        Assert.Throws<OperationCanceledException>(() => embedder.Embed(s_texts, _ =>
        {
            if (++batches == 3) cancel.Cancel();
        }, cancel.Token));
        Assert.InRange(batches, 3, 3 + get_num_threads());
    }

    [Fact]
    public void Embedding_leaves_no_tensor_behind()
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        embedder.Run(s_texts);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++) embedder.Run(s_texts);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
