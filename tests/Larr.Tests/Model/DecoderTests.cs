using Larr.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public class DecoderTests
{
    static readonly int[] text = [5, 17, 3, 3, 80, 42, 0, 95, 17];

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    public void Logits_are_those_of_plain_loops_in_double(bool tied, bool bias, bool norm)
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { TiedHead = tied, AttentionBias = bias, QueryKeyNorm = norm }, 3);
        Disturb(decoder);
        double[][] expected = new PlainDecoder(decoder).Logits(text);
        float[] actual = decoder.forward(Ids(text)).data<float>().ToArray();
        Assert.Equal(expected.SelectMany(r => r).Count(), actual.Length);
        Assert.All(expected.SelectMany(r => r).Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-4));
    }

    [Fact]
    public void Bfloat16_products_stay_near_float32()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        Tensor exact = decoder.Hidden(Ids(text));
        decoder.Compute = ScalarType.BFloat16;
        Tensor rounded = decoder.Hidden(Ids(text));
        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange((exact - rounded).abs().max().item<float>(), 1e-6, 0.1);
    }

    [Fact]
    public void A_token_does_not_see_later_ones()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        Tensor all = decoder.Hidden(Ids(text)), first = decoder.Hidden(Ids(text[..4]));
        Assert.True(all.narrow(1, 0, 4).allclose(first, atol: 1e-5));
    }

    [Fact]
    public void State_dictionary_has_the_approved_names_and_shapes()
    {
        using var decoder = new Decoder(DecoderConfig.Nano with { Layers = 1, TiedHead = false, QueryKeyNorm = true }, 0);
        string names = string.Join("\n", decoder.state_dict().Select(e => $"{e.Key} [{string.Join(", ", e.Value.shape)}]").Order(StringComparer.Ordinal));
        Assert.Equal("""
            embed.weight [96, 32]
            head.weight [96, 32]
            layers.0.attention.keyNorm.weight [8]
            layers.0.attention.output.weight [32, 32]
            layers.0.attention.qkv.weight [64, 32]
            layers.0.attention.queryNorm.weight [8]
            layers.0.attentionNorm.weight [32]
            layers.0.feedForward.down.weight [32, 48]
            layers.0.feedForward.gateUp.weight [96, 32]
            layers.0.feedForwardNorm.weight [32]
            norm.weight [32]
            """.ReplaceLineEndings("\n"), names);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        using Decoder a = new(DecoderConfig.Nano, 1), b = new(DecoderConfig.Nano, 1), c = new(DecoderConfig.Nano, 2);
        Assert.Equal(Bits(a), Bits(b));
        Assert.NotEqual(Bits(a), Bits(c));
    }

    [Fact]
    public void Weights_have_the_deviations_of_the_table()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { Width = 64, FeedForwardWidth = 256, Layers = 2 }, 5);
        Dictionary<string, Tensor> weights = decoder.state_dict();
        Assert.Equal(0.02, weights["embed.weight"].std().item<float>(), 0.001);
        Assert.Equal(1 / Math.Sqrt(64), weights["layers.0.feedForward.gateUp.weight"].std().item<float>(), 0.003);
        Assert.Equal(1 / Math.Sqrt(256 * 4), weights["layers.1.feedForward.down.weight"].std().item<float>(), 0.001);
    }

    [Fact]
    public void Resize_keeps_rows_and_the_new_row_is_trained()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        Tensor before = decoder.EmbeddingWeight.detach().clone();
        decoder.Resize(100);
        Assert.Equal(100, decoder.Config.VocabularySize);
        Assert.True(decoder.EmbeddingWeight.narrow(0, 0, 96).equal(before).all().item<bool>());
        Assert.True(decoder.EmbeddingWeight[99].allclose(before.mean([0]), atol: 1e-6));
        Assert.Contains(decoder.parameters(), p => p.size(0) == 100);
        Assert.Equal(100, decoder.state_dict()["embed.weight"].size(0));
        decoder.forward(Ids([99, 98])).sum().backward();
        Assert.True(decoder.parameters().Single(p => p.size(0) == 100).grad is not null);
        decoder.Resize(50);
        Assert.True(decoder.EmbeddingWeight.equal(before.narrow(0, 0, 50)).all().item<bool>());
    }

    [Fact]
    public void An_impossible_shape_or_too_long_a_text_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Decoder(DecoderConfig.Nano with { KeyValueHeads = 3 }, 0));
        Assert.Throws<ArgumentException>(() => new Decoder(DecoderConfig.Nano with { HeadWidth = 7 }, 0));
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        Assert.Throws<ArgumentException>(() => decoder.Hidden(zeros(1, 129, ScalarType.Int64)));
    }

    [Fact]
    public void Passes_leave_no_tensors_and_a_disposed_decoder_none_at_all()
    {
        long start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var decoder = new Decoder(DecoderConfig.Nano with { QueryKeyNorm = true }, 1);
        long counted = 0;
        for (int i = 0; i < 10; i++)
        {
            using var scope = NewDisposeScope();
            decoder.forward(Ids(text)).sum().backward();
            decoder.zero_grad();
            scope.Dispose();
            if (i == 0) counted = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Equal(counted, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        decoder.Dispose();
        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    internal static Tensor Ids(int[] ids) => tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length]);

    internal static byte[] Bits(nn.Module module) => [.. module.state_dict().OrderBy(e => e.Key, StringComparer.Ordinal).SelectMany(e => e.Value.bytes.ToArray())];

    /// <summary>Moves norms and biases off their first values, so that a test can see them.</summary>
    internal static void Disturb(Decoder decoder)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(9);
        foreach (Parameter p in decoder.parameters()) p.add_(randn(p.shape, generator: generator) * 0.2);
    }
}
