using Larr.Contrast;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Corpus;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class GenerativeLossTests
{
    const string Category = "<|category|>", Name = "<|name|>";
    static readonly string[] s_items = ["<|name|> blue dawn <|category|> noodle soup", "<|name|> old stone <|category|> coffee"];

    static (TextEncoder Encoder, TextTokenizer Tokenizer) Small()
    {
        var tokenizer = TextTokenizer.Train(s_items, 300, ["<|endoftext|>", Category, Name]);
        var decoder = new Decoder(new() { VocabularySize = tokenizer.VocabularySize, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadWidth = 16, FeedForwardWidth = 64 }, 1);
        return (new TextEncoder(decoder, Pooling.LastToken, 8, 1), tokenizer);
    }

    static GenerativeLoss Of(TextEncoder encoder, TextTokenizer tokenizer, double weight) =>
        new(encoder.LanguageModel, tokenizer, s_items, [Category, Name], new() { Generative = weight, GenerativeTokens = 1, GenerativeSegments = [Category] }, seed: 1);

    [Fact]
    public void It_is_the_mean_surprise_of_the_segments_tokens_and_of_the_end()
    {
        (TextEncoder encoder, TextTokenizer tokenizer) = Small();
        using (encoder)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            List<double> surprises = [];
            foreach (string item in s_items)
            {
                int[] ids = [.. tokenizer.Encode(item), tokenizer.EndId];
                Tensor log = nn.functional.log_softmax(encoder.LanguageModel.forward(tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0))[0], 1);
                for (int t = Array.IndexOf(ids, tokenizer.Id(Category)); t + 1 < ids.Length; t++) surprises.Add(-log[t, ids[t + 1]].item<float>());
            }
            Assert.Equal(2 * surprises.Average(), Of(encoder, tokenizer, 2).Of(0).item<float>(), 1e-4);
        }
    }

    [Fact]
    public void Beside_the_gradient_cache_its_gradient_is_that_of_the_plain_sum()
    {
        Dictionary<string, float[]> Gradients(bool cached)
        {
            (TextEncoder encoder, TextTokenizer tokenizer) = Small();
            using (encoder)
            {
                GenerativeLoss generative = Of(encoder, tokenizer, 0.5);
                var texts = new BatchEncoder(encoder, [.. Enumerable.Range(0, 6).Select(t => Enumerable.Range(0, 3 + t).Select(i => (t * 7 + i * 11) % 50).ToArray())]);
                int[] distinct = [0, 1, 2, 3, 4, 5];
                Tensor Contrast(Tensor v) => InfoNce.Loss(v.narrow(0, 0, 3), v.narrow(0, 3, 3), tensor(0.1f));
                IReadOnlyList<Func<Tensor>> losses = cached
                    ? [.. new GradCache(texts, 10).Losses(distinct, Contrast), () => generative.Of(0)]
                    : [() => Contrast(texts.Encode(distinct)) + generative.Of(0)];
                foreach (Func<Tensor> loss in losses)
                {
                    using var scope = NewDisposeScope();
                    loss().backward();
                }
                return encoder.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.data<float>().ToArray());
            }
        }
        Dictionary<string, float[]> plain = Gradients(cached: false), parts = Gradients(cached: true);
        foreach (string name in plain.Keys)
        {
            float difference = plain[name].Zip(parts[name]).Max(g => Math.Abs(g.First - g.Second));
            Assert.True(difference <= 1e-3 * plain[name].Max(Math.Abs), $"{name}: {difference}");
        }
    }

    [Fact]
    public void Item_texts_without_such_a_segment_are_refused()
    {
        (TextEncoder encoder, TextTokenizer tokenizer) = Small();
        using (encoder)
            Assert.Contains("generativeSegments", Assert.Throws<InputException>(() => new GenerativeLoss(
                encoder.LanguageModel, tokenizer, s_items, [Name], new() { Generative = 1, GenerativeSegments = ["<|menu|>"] }, seed: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_with_it_trains_to_other_weights_and_the_same_ones_again()
    {
        using var town = new PlantedTown();
        string Train(double weight)
        {
            using StageFolder folder = new();
            town.Train(PlantedTown.Config with { Steps = 3, Generative = weight, GradCacheTokens = 60 }, folder.Context);
            return TextEncoder.Identity(folder.Context.File("encoder"));
        }
        string first = Train(0.5);
        Assert.Equal(first, Train(0.5));
        Assert.NotEqual(first, Train(0));
    }
}
