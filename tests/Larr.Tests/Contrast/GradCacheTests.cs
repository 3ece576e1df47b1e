using Larr.Contrast;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class GradCacheTests
{
    static readonly int[][] s_tokens = [.. Enumerable.Range(0, 10).Select(t => Enumerable.Range(0, 2 + t * 3 % 7).Select(i => (t * 7 + i * 11) % 50).ToArray())];

    static Dictionary<string, float[]> Gradients(Func<BatchEncoder, Func<Tensor, Tensor>, IReadOnlyList<Func<Tensor>>> losses, out double value)
    {
        using var decoder = new Decoder(new() { VocabularySize = 50, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadWidth = 16, FeedForwardWidth = 64 }, 1);
        using var encoder = new TextEncoder(decoder, Pooling.LastToken, 8, 1);
        value = 0;
        foreach (Func<Tensor> loss in losses(new BatchEncoder(encoder, s_tokens), v => InfoNce.Loss(v.narrow(0, 0, 5), v.narrow(0, 5, 5), tensor(0.1f))))
        {
            using var scope = NewDisposeScope();
            Tensor l = loss();
            l.backward();
            value += l.item<float>();
        }
        return encoder.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(1000)]
    public void Gradients_in_parts_are_those_of_the_whole(int budget)
    {
        int[] distinct = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
        Dictionary<string, float[]> plain = Gradients((texts, loss) => [() => loss(texts.Encode(distinct))], out double whole);
        Dictionary<string, float[]> cached = Gradients((texts, loss) => new GradCache(texts, budget).Losses(distinct, loss), out double inParts);
        Assert.Equal(whole, inParts, 1e-5);
        Assert.Equal(plain.Keys.Order(), cached.Keys.Order());
        foreach (string name in plain.Keys)
        {
            // Products of other shapes round differently, and the normalisation of small states enlarges that.
            float difference = plain[name].Zip(cached[name]).Max(g => Math.Abs(g.First - g.Second));
            Assert.True(difference <= 1e-3 * plain[name].Max(Math.Abs), $"{name}: {difference}");
        }
    }
}
