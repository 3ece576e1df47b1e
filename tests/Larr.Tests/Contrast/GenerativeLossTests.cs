using Larr.Contrast;
using Larr.Corpus;
using Larr.Model;
using Larr.Pretrain;
using Larr.Tests.Corpus;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class GenerativeLossTests : IDisposable
{
    const int Name = 1, Menu = 2, End = 0;

    readonly PlantedTown _town = new();

    public void Dispose() => _town.Dispose();

    static Decoder Small() => new(new() { VocabularySize = 50, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadWidth = 16, FeedForwardWidth = 64, MaxLength = 16 }, 1);

    [Fact]
    public void It_is_the_weighted_mean_over_target_segments_and_so_is_its_gradient()
    {
        // One document of a row: name 7 8, menu 9 10. The targets are what follows "menu": 9, 10 and the end.
        int[] document = [Name, 7, 8, Menu, 9, 10];
        using Decoder decoder = Small();
        GenerativeLoss loss = GenerativeLoss.Of(
            new() { Generative = 0.25, GenerativeTokens = 16 }, [document], new TargetSegments(new HashSet<int> { Menu }, new HashSet<int> { Name, Menu }), decoder, End, seed: 1);
        using var scope = NewDisposeScope();
        Tensor value = loss.At(5);
        value.backward();
        float[] gradient = decoder.EmbeddingWeight.grad!.data<float>().ToArray();

        decoder.zero_grad();
        Tensor logits = decoder.forward(tensor((long[])[.. document.Select(d => (long)d), End]).unsqueeze(0)).squeeze(0); // [T,V]
        Tensor plain = 0.25 * nn.functional.cross_entropy(logits.narrow(0, 3, 3), tensor(new long[] { 9, 10, End }));
        plain.backward();
        Assert.Equal(plain.item<float>(), value.item<float>(), 1e-5f);
        float[] expected = decoder.EmbeddingWeight.grad!.data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], gradient[i], 1e-5f);
    }

    [Fact]
    public void Rows_without_targets_cost_nothing()
    {
        using Decoder decoder = Small();
        using var scope = NewDisposeScope();
        var targets = new TargetSegments(new HashSet<int> { Menu }, new HashSet<int> { Name, Menu });
        Assert.Equal(0, GenerativeLoss.Of(new() { Generative = 1 }, [[Name, 7, 8]], targets, decoder, End, 1).At(0).item<float>());
    }

    [Fact]
    public void An_embedder_trained_with_it_still_predicts_categories_and_menus()
    {
        double After(double weight)
        {
            using StageFolder folder = new();
            _town.Train(PlantedTown.Config with { Generative = weight }, folder.Context);
            (TextEncoder encoder, TextTokenizer tokenizer) = TextEncoder.Load(folder.Context.File("encoder"));
            using (encoder)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                return GenerativeLoss.Of(new() { Generative = 1, GenerativeTokens = 2048 }, _town.CorpusFolder, SpecialTokens.Targets(_town.Table.Fields), encoder.LanguageModel, tokenizer, seed: 1)!.At(0).item<float>();
            }
        }
        Assert.True(After(1) < After(0) - 0.5);
    }
}
