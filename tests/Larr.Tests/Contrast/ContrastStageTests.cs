using Larr.Contrast;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Corpus;
using Larr.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class ContrastStageTests : IDisposable
{
    readonly PlantedTown _town = new();

    public void Dispose() => _town.Dispose();

    [Fact]
    public void A_nano_model_learns_what_each_weather_asks_for()
    {
        using StageFolder folder = new();
        ContrastReport report = _town.Train(PlantedTown.Config, folder.Context);
        foreach (string kind in (string[])["userItem", "sceneItem"])
        {
            RetrievalReport before = report.Kinds[kind].Before, after = report.Kinds[kind].After;
            Assert.True(after.RecallAt5 > before.RecallAt5 + 0.1, $"{kind}: before {before}, after {after}");
            Assert.True(after.RecallAt5 > 1.5 * after.ChanceAt5, $"{kind}: {after}");
        }
        NearestTexts rainy = report.Kinds["sceneItem"].Nearest.Single(n => n.Text.Contains("light rain", StringComparison.Ordinal));
        Assert.Contains("noodle soup", rainy.After[0], StringComparison.Ordinal); // what is clicked in light rain here
        string[] curve = folder.Read("curve.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("step,loss,lr,tokens_per_s,mean_positive,mean_negative,margin,uniformity", curve[0]);
        Assert.Equal(1 + PlantedTown.Config.Steps / PlantedTown.Config.LogEvery, curve.Length);
        double Column(string line, int at) => double.Parse(line.Split(',')[at]);
        Assert.True(Column(curve[^1], 1) < Column(curve[1], 1));
        Assert.True(Column(curve[^1], 6) > Column(curve[1], 6));

        (TextEncoder encoder, TextTokenizer tokenizer) = TextEncoder.Load(folder.Context.File("encoder"));
        using (encoder)
        {
            using var scope = NewDisposeScope();
            float[] Embed(string text)
            {
                int[] ids = [.. tokenizer.Encode(text + Larr.Corpus.EmbedToken.Text)];
                return encoder.forward(tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0), tensor(new long[] { ids.Length })).data<float>().ToArray();
            }
            float[] rain = Embed("the weather is light rain");
            double[] near = [.. PlantedTown.Categories.Select(c => (double)System.Numerics.Tensors.TensorPrimitives.Dot<float>(rain, Embed($"<|name|> new place <|category|> {c}")))];
            Assert.Equal(0, Array.IndexOf(near, near.Max()));
        }
    }

    [Fact]
    public void A_kind_that_is_switched_off_is_measured_but_not_trained_on()
    {
        using StageFolder folder = new();
        ContrastReport report = _town.Train(PlantedTown.Config with { Steps = 2, UserItem = 0 }, folder.Context);
        PairKindReport off = report.Kinds["userItem"], on = report.Kinds["sceneItem"];
        Assert.Equal((0, true), (off.TrainingPairs, off.Health is null));
        Assert.True(off.After.Pairs > 0 && on.After.Pairs > 0 && on.TrainingPairs > 0);
    }

    [Fact]
    public void Bidirectional_attention_learns_it_too_and_its_vectors_are_told_apart()
    {
        using StageFolder folder = new();
        ContrastReport report = _town.Train(PlantedTown.Config with { Attention = TextAttention.Bidirectional }, folder.Context);
        Assert.True(report.Kinds["sceneItem"].After.RecallAt5 > 1.5 * report.Kinds["sceneItem"].After.ChanceAt5);
        Assert.Equal(TextAttention.Bidirectional, TextEncoder.AttentionOf(folder.Context.File("encoder")));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        string Train(int seed)
        {
            using StageFolder folder = new(seed);
            _town.Train(PlantedTown.Config with { Steps = 4 }, folder.Context);
            return TextEncoder.Identity(folder.Context.File("encoder"));
        }
        string first = Train(1);
        Assert.Equal(first, Train(1));
        Assert.NotEqual(first, Train(2));
    }

    [Fact]
    public void An_interrupted_run_goes_on_to_the_same_weights()
    {
        ContrastConfig config = PlantedTown.Config with { Steps = 54, Batch = 4, LogEvery = 1 };
        using StageFolder whole = new(), cut = new();
        _town.Train(config, whole.Context);
        using var stop = new CancellationTokenSource();
        var watch = Listener.StoppingAt("step 52/", stop);
        Assert.Throws<OperationCanceledException>(() => _town.Train(config, cut.Context with { Progress = watch, Cancel = stop.Token }));
        Assert.True(Directory.Exists(cut.Context.File("checkpoint-50")));
        _town.Train(config, cut.Context);
        Assert.Equal(TextEncoder.Identity(whole.Context.File("encoder")), TextEncoder.Identity(cut.Context.File("encoder")));
        string[] Steps(StageFolder folder) => [.. folder.Read("curve.csv").Split('\n').Select(l => string.Join(',', l.Split(',')[..Math.Min(2, l.Split(',').Length)]))];
        Assert.Equal(Steps(whole), Steps(cut));
        Assert.False(Directory.Exists(cut.Context.File("checkpoint-50")));
    }

    [Fact]
    public void An_interrupted_run_with_hard_negatives_and_gradient_cache_goes_on_to_the_same_weights()
    {
        ContrastConfig config = PlantedTown.Config with { Steps = 52, Batch = 4, LogEvery = 1, HardNegatives = 1, HardToRank = 20, GradCacheTokens = 60, Widths = [8], FalseNegativeMargin = 0.1, Generative = 0.1 };
        using StageFolder whole = new(), cut = new();
        _town.Train(config, whole.Context);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => _town.Train(config, cut.Context with { Progress = Listener.StoppingAt("step 51/", stop), Cancel = stop.Token }));
        _town.Train(config, cut.Context);
        Assert.Equal(TextEncoder.Identity(whole.Context.File("encoder")), TextEncoder.Identity(cut.Context.File("encoder")));
    }

    [Fact]
    public void No_tensor_stays_behind()
    {
        using StageFolder warm = new(), few = new(), many = new();
        _town.Train(PlantedTown.Config with { Steps = 1 }, warm.Context);
        long Leaked(int steps, StageFolder folder)
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            _town.Train(PlantedTown.Config with { Steps = steps, Batch = 4 }, folder.Context);
            _town.Train(PlantedTown.Config with { Steps = steps, Batch = 4, HardNegatives = 1, GradCacheTokens = 60, Widths = [8], Generative = 0.1 }, folder.Context);
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        }
        Assert.Equal(Leaked(2, few), Leaked(12, many));
    }

    [Fact]
    public void Texts_in_runs_of_similar_length_get_the_vectors_they_get_alone()
    {
        using var decoder = new Decoder(new() { VocabularySize = 50, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadWidth = 16, FeedForwardWidth = 64 }, 1);
        var encoder = new TextEncoder(decoder, Pooling.LastToken, 8, 1);
        var random = new Random(3);
        int[][] tokens = [.. Enumerable.Range(0, 12).Select(t => Enumerable.Range(0, 1 + t * 5 % 12).Select(_ => random.Next(50)).ToArray())];
        var batch = new BatchEncoder(encoder, tokens);
        int[] asked = [7, 0, 11, 3, 5];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor together = batch.Encode(asked);
        for (int i = 0; i < asked.Length; i++)
            Assert.True(together[i].allclose(batch.Encode([asked[i]])[0], atol: 1e-5), $"text {asked[i]}");
        Assert.Equal(2 * asked.Sum(t => tokens[t].Length), batch.Tokens);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(null, 4096)]
    public void A_leading_width_that_is_no_part_of_the_embedding_is_refused(int? dimension, int width)
    {
        using StageFolder folder = new();
        var wrong = Assert.Throws<Larr.Runs.InputException>(() => _town.Train(PlantedTown.Config with { Dimension = dimension, Widths = [8, width] }, folder.Context));
        Assert.Contains("contrast.widths", wrong.Message);
    }

    [Fact]
    public void A_table_without_clicks_is_refused()
    {
        using SmallTable quiet = new([new("u", "a", "rain", "lunch", 0)]);
        using StageFolder corpus = new(), folder = new();
        Larr.Corpus.CorpusStage.Run(new(), quiet.Table, corpus.Context);
        InputException error = Assert.Throws<InputException>(() => ContrastStage.Run(PlantedTown.Config, quiet.Table, corpus.Path, _town.ModelFolder, folder.Context));
        Assert.Contains("no pair of positives", error.Message, StringComparison.Ordinal);
    }
}
