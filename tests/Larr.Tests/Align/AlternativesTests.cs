using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;
using Larr.Tests.Ctr;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

/// <summary>What an ablation puts in the place of one ingredient: every one trains, and says what it needs.</summary>
[Collection("torch")]
public sealed class AlternativesTests
{
    static readonly AlignConfig s_align = new() { Width = 16, Heads = 2, Layers = 1, Dimension = 8, BatchSize = 256, Epochs = 2, LearningRate = 1e-2 };
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 8, Hidden = [32, 16], BatchSize = 128, Epochs = 2, LearningRate = 1e-2 };

    static SceneBatch Scenes(Tensor vectors) => new(vectors, tensor(new long[] { 0, 1, 2, 2 }), tensor(new long[,] { { 0, 1, 2 }, { 0, 1, 3 } }), zeros(1, int64));

    [Fact]
    public void Concatenation_knows_the_field_of_a_vector_and_agrees_with_its_layers()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var concat = new ConcatMlpScene(5, fields: 3, vectorWidth: 4, dimension: 2, generator);
        Tensor vectors = randn(4, 4);
        Tensor input = cat([vectors[0], vectors[1], vectors[3]]);
        Tensor hidden = nn.functional.gelu(nn.functional.linear(input, concat.get_parameter("up.weight")!, concat.get_parameter("up.bias")!));
        Tensor expected = nn.functional.linear(hidden, concat.get_parameter("down.weight")!, concat.get_parameter("down.bias")!);
        Assert.True(allclose(expected, concat.forward(Scenes(vectors))[1], 1e-5, 1e-6));
    }

    [Fact]
    public void Attention_pooling_with_equal_scores_is_the_mean_of_the_tokens()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var pool = new AttentionPoolScene(5, fields: 3, vectorWidth: 4, dimension: 2, generator);
        Tensor vectors = randn(4, 4);
        using (no_grad()) pool.get_parameter("query.weight")!.zero_();
        Tensor tokens = nn.functional.linear(vectors, pool.get_parameter("project.weight")!, pool.get_parameter("project.bias")!) + pool.get_parameter("field")!.index_select(0, tensor(new long[] { 0, 1, 2, 2 }));
        Tensor expected = nn.functional.linear(tokens.index_select(0, tensor(new long[] { 0, 1, 2 })).mean([0]), pool.get_parameter("down.weight")!, pool.get_parameter("down.bias")!);
        Assert.True(allclose(expected, pool.forward(Scenes(vectors))[0], 1e-5, 1e-6));
    }

    [Theory]
    [InlineData(SceneAggregation.ConcatMlp)]
    [InlineData(SceneAggregation.AttentionPool)]
    [InlineData(SceneAggregation.MeanPool)]
    public void Every_parameter_learns(SceneAggregation kind)
    {
        using var planted = new PlantedTable(50);
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using SceneAggregator scene = SceneAggregator.Create(s_align with { Scene = kind }, planted.Vectors, 8, generator)!;
        Tensor vectors = scene.forward(new SceneRows(planted.Table, planted.Vectors).Batch([0, 1, 2, 3, 4, 5], CPU));
        Assert.Equal([6L, 8L], vectors.shape);
        vectors.square().sum().backward();
        foreach ((string name, Parameter p) in scene.named_parameters()) Assert.True(p.grad is not null && p.grad.abs().sum().item<float>() > 0, name);
    }

    [Theory]
    [InlineData(SceneAggregation.MeanPool, SceneUse.Field, CollaborativeSignal.Item)]
    [InlineData(SceneAggregation.ConcatMlp, SceneUse.FieldAndGate, CollaborativeSignal.UserAndItem)]
    [InlineData(SceneAggregation.AttentionPool, SceneUse.Gate, CollaborativeSignal.User)]
    [InlineData(SceneAggregation.Encoder, SceneUse.AlignmentOnly, CollaborativeSignal.UserAndItem)]
    [InlineData(SceneAggregation.WholeText, SceneUse.Field, CollaborativeSignal.Item)]
    public void Every_alternative_trains_and_learns_from_the_planted_table(SceneAggregation kind, SceneUse use, CollaborativeSignal signal)
    {
        using var planted = new PlantedTable(3000, behaviour: false, conversions: false, users: 50, items: 30, calls: 2);
        AlignConfig align = s_align with { Scene = kind, Use = use, Signal = signal };
        SceneVectors vectors = kind == SceneAggregation.WholeText ? Whole(planted) : planted.Vectors;
        StageContext context = planted.Context("align");
        AlignReport aligned = AlignStage.Run(align, planted.Table, vectors, context);
        Assert.True(aligned.PositiveCosine - aligned.NegativeCosine > aligned.PositiveCosineBefore - aligned.NegativeCosineBefore, $"{aligned}");

        CtrRun run = CtrTrainer.Train(planted.Table, s_ctr, align, vectors, 1, context.Folder, context);
        using CtrModel model = run.Model;
        Assert.True(run.Report.Test.Auc > .62, $"{run.Report.Test.Auc}");
    }

    [Fact]
    public void Alignment_alone_costs_nothing_at_serving_and_still_moves_the_embeddings()
    {
        using var planted = new PlantedTable(600);
        CtrRun Train(double lambda) => CtrTrainer.Train(planted.Table, s_ctr, s_align with { Use = SceneUse.AlignmentOnly, Lambda = lambda }, planted.Vectors, 1, null, planted.Context("ctr"));
        CtrRun with = Train(1), without = Train(0);
        using (CtrModel model = with.Model, plain = without.Model)
        {
            Assert.False(model.ReadsScene);
            Assert.NotEqual(plain.Embeddings.Weights, model.Embeddings.Weights);
            StageContext saved = planted.Context("saved");
            CtrModelFolder.Save(model, saved.Folder);
            Assert.False(File.Exists(saved.File(SceneArtefact.DescriptionFile)));
        }
    }

    [Fact]
    public void Without_masks_identical_scenes_and_signals_are_negatives()
    {
        using var scope = NewDisposeScope();
        Tensor same = ones(3, 2);
        var pairs = new ClickedPairs(same, same, tensor(new long[] { 7, 7, 2 }), tensor(new long[] { 0, 5, 5 }));
        double Loss(bool scenes, bool signals) => AlignmentLoss.Compute(pairs, new AlignConfig { MaskScenes = scenes, MaskSignals = signals }).item<float>();
        Assert.Equal(Math.Log(3), Loss(false, false), 1e-5);
        Assert.Equal((Math.Log(2) + Math.Log(2) + Math.Log(3)) / 3, Loss(true, false), 1e-5);
        Assert.Equal((Math.Log(3) + Math.Log(2) + Math.Log(2)) / 3, Loss(false, true), 1e-5);
    }

    [Fact]
    public void A_pair_of_user_and_item_is_the_same_signal_only_where_both_are()
    {
        Assert.Equal([4, 5, 4], SignalIds.Of(CollaborativeSignal.Item, [4, 5, 4], [1, 1, 2]));
        Assert.Equal([1, 1, 2], SignalIds.Of(CollaborativeSignal.User, [4, 5, 4], [1, 1, 2]));
        Assert.Equal(3, SignalIds.Of(CollaborativeSignal.UserAndItem, [4, 5, 4], [1, 1, 2]).Distinct().Count());
    }

    [Fact]
    public void A_signal_that_the_model_has_no_embedding_of_is_refused()
    {
        using var planted = new PlantedTable(50);
        void Train(CtrConfig ctr, CollaborativeSignal signal) => CtrTrainer.Train(planted.Table, ctr, s_align with { Signal = signal }, planted.Vectors, 1, null, planted.Context("ctr")).Model.Dispose();
        Assert.Contains("ctr.useUserId", Assert.Throws<InputException>(() => Train(s_ctr with { UseUserId = false }, CollaborativeSignal.User)).Message);
        Assert.Contains("ctr.useItemId", Assert.Throws<InputException>(() => Train(s_ctr with { UseItemId = false }, CollaborativeSignal.Item)).Message);
        Train(s_ctr with { UseItemId = false, Epochs = 1 }, CollaborativeSignal.User);
    }

    [Fact]
    public void Whole_scenes_have_one_vector_each_and_a_wrong_number_of_them_is_refused()
    {
        using var planted = new PlantedTable(300);
        DistinctScenes scenes = DistinctScenes.Of(planted.Table, DistinctScenes.FieldsOf(planted.Table));
        SceneVectors vectors = Whole(planted);
        using var scope = NewDisposeScope();
        int[] rows = [5, 9, 5];
        SceneBatch batch = new SceneRows(planted.Table, vectors).Batch(rows, CPU);
        Assert.Equal([2L, 1L], batch.Values.shape);
        Assert.Equal(vectors.Vector(0, scenes.OfRow[9]).ToArray(), batch.Vectors[batch.Values[batch.OfRow[1], 0]].data<float>().ToArray());
        Assert.Contains($"{scenes.Count}, one per distinct scene", Assert.Throws<InputException>(() => SceneVectors.OfWholeScenes(planted.Table, scenes, [[1f]])).Message);
    }

    /// <summary>A stand-in for what a language model makes of a whole scene: the sum of its values' vectors.</summary>
    static SceneVectors Whole(PlantedTable planted)
    {
        string[] fields = DistinctScenes.FieldsOf(planted.Table);
        DistinctScenes scenes = DistinctScenes.Of(planted.Table, fields);
        float[] Of(int scene) => [.. Enumerable.Range(0, PlantedTable.VectorWidth).Select(i => fields.Select((f, n) => planted.VectorOf(f, planted.Table.Values(f)[scenes.Codes[scene * fields.Length + n]])[i]).Sum())];
        return SceneVectors.OfWholeScenes(planted.Table, scenes, [.. Enumerable.Range(0, scenes.Count).Select(Of)]);
    }
}
