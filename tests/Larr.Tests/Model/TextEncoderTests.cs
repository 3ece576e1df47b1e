using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public sealed class TextEncoderTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly TextTokenizer tokenizer = SmallModel.Tokenizer();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Pooling.Mean, null)]
    [InlineData(Pooling.LastToken, 6)]
    public void Vectors_have_length_one_and_do_not_depend_on_padding(Pooling pooling, int? dimension)
    {
        using var scope = NewDisposeScope();
        using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), pooling, dimension, 2);
        Tensor ids = tensor(new long[] { 5, 6, 7, 0, 0, 8, 9, 10, 11, 12 }, [2, 5]);
        Tensor vectors = encoder.forward(ids, tensor(new long[] { 3, 5 }));
        Assert.Equal([2, dimension ?? 32], vectors.shape);
        Assert.Equal(encoder.Dimension, vectors.size(1));
        Assert.True(vectors.square().sum(1).allclose(ones(2), atol: 1e-5));
        Tensor alone = encoder.forward(ids.narrow(0, 0, 1).narrow(1, 0, 3), tensor(new long[] { 3 }));
        Assert.True(alone[0].allclose(vectors[0], atol: 1e-5));
    }

    [Fact]
    public void Pooling_takes_the_mean_or_the_last_of_the_texts_own_states()
    {
        using var scope = NewDisposeScope();
        Tensor states = tensor(new float[] { 1, 10, 3, 20, 99, 99 }, [1, 3, 2]), lengths = tensor(new long[] { 2 });
        using var mean = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.Mean, null, 2);
        using var last = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.LastToken, null, 2);
        Assert.Equal([2, 15], mean.Pool(states, lengths).data<float>().ToArray());
        Assert.Equal([3, 20], last.Pool(states, lengths).data<float>().ToArray());
    }

    [Theory]
    [InlineData(Pooling.LastToken, 6, TextAttention.Causal)]
    [InlineData(Pooling.Mean, null, TextAttention.Bidirectional)]
    public void A_saved_encoder_gives_the_same_bits(Pooling pooling, int? dimension, TextAttention attention)
    {
        using var scope = NewDisposeScope();
        using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), pooling, dimension, 2, attention);
        encoder.Save(folder.Path, tokenizer);
        (TextEncoder loaded, _) = TextEncoder.Load(folder.Path);
        Assert.Equal(attention, TextEncoder.AttentionOf(folder.Path));
        using (loaded)
        {
            Tensor ids = tensor(new long[] { 5, 6, 7 }, [1, 3]), lengths = tensor(new long[] { 3 });
            Assert.Equal((pooling, encoder.Dimension, attention), (loaded.Pooling, loaded.Dimension, loaded.Attention));
            Assert.Equal(encoder.forward(ids, lengths).bytes.ToArray(), loaded.forward(ids, lengths).bytes.ToArray());
        }
    }

    [Fact]
    public void A_bidirectional_token_sees_what_follows_and_a_causal_one_does_not()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor First(TextAttention attention, long last)
        {
            using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.Mean, null, 2, attention);
            Tensor? mask = attention == TextAttention.Bidirectional ? AttentionMask.Within(tensor(new long[] { 3 }), 3) : null;
            return encoder.LanguageModel.Hidden(tensor(new long[] { 5, 6, last }, [1, 3]), mask)[0, 0];
        }
        Assert.True(First(TextAttention.Causal, 7).allclose(First(TextAttention.Causal, 8)));
        Assert.False(First(TextAttention.Bidirectional, 7).allclose(First(TextAttention.Bidirectional, 8), atol: 1e-4));
    }

    [Fact]
    public void A_plain_model_folder_is_mean_pooling()
    {
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.Float32);
        (TextEncoder loaded, _) = TextEncoder.Load(folder.Path);
        using (loaded) Assert.Equal((Pooling.Mean, 32, false), (loaded.Pooling, loaded.Dimension, loaded.HasProjection));
    }

    [Fact]
    public void Identity_follows_the_weights()
    {
        using var scope = NewDisposeScope();
        using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.LastToken, 6, 2);
        encoder.Save(folder.At("a"), tokenizer);
        encoder.Save(folder.At("b"), tokenizer);
        Assert.Equal(TextEncoder.Identity(folder.At("a")), TextEncoder.Identity(folder.At("b")));
        using (no_grad()) encoder.LanguageModel.EmbeddingWeight[0, 0] = tensor(1f);
        encoder.Save(folder.At("b"), tokenizer);
        Assert.NotEqual(TextEncoder.Identity(folder.At("a")), TextEncoder.Identity(folder.At("b")));
        Assert.Throws<InputException>(() => TextEncoder.Identity(folder.Path));
    }

    [Fact]
    public void Bad_settings_are_refused()
    {
        using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.Mean, null, 2);
        encoder.Save(folder.Path, tokenizer);
        foreach (string text in new[] { "{\"pooling\":\"sum\",\"dimension\":null}", "{\"pooling\":\"mean\",\"dimension\":0}", "{" })
        {
            folder.Write("encoder.json", text);
            Assert.Throws<InputException>(() => TextEncoder.Load(folder.Path));
        }
    }

    [Fact]
    public void All_weights_get_gradients_and_steps_leave_no_tensors()
    {
        using var encoder = new TextEncoder(SmallModel.Decoder(tokenizer), Pooling.LastToken, 6, 2);
        long counted = 0;
        for (int i = 0; i < 10; i++)
        {
            using (var scope = NewDisposeScope())
            {
                encoder.forward(tensor(new long[] { 5, 6, 7 }, [1, 3]), tensor(new long[] { 3 })).select(1, 0).sum().backward();
                Assert.All(encoder.parameters(), p => Assert.NotNull(p.grad));
                encoder.zero_grad();
            }
            if (i == 0) counted = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Equal(counted, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
