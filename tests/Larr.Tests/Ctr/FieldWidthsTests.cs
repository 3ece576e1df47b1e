using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Features;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class FieldWidthsTests
{
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 4, Hidden = [16], BatchSize = 128, Epochs = 2, LearningRate = 1e-2, MinCount = 1 };
    static readonly AlignConfig s_none = new() { Scene = SceneAggregation.None };

    static int? Width(string field) => field switch { "item" => 3, "weather" => 1, "hour" => 4, _ => null };

    [Fact]
    public void A_narrow_row_is_gathered_with_zeros_beyond_its_width_and_only_its_own_values_are_trained()
    {
        var table = new EmbeddingTable(3, 3, 1, seed: 1, widths: [1, 3, 2]);
        float[] before = [.. table.Weights];
        Assert.Equal(6, before.Length);
        Assert.Equal(before[4..], table.Row(2).ToArray());
        using Tensor gathered = table.Gather([2, 0, -1], CPU, requiresGrad: false);
        Assert.Equal([before[4], before[5], 0, before[0], 0, 0, 0, 0, 0], gathered.data<float>().ToArray());

        using Tensor gradient = tensor(new[] { .3f, -7f, 9f, -2f, 9f, 9f }).view(2, 3);
        new SparseAdam(table, .1f).Step([2, 0], gradient); // the first step is the step size, against the gradient's sign
        float[] moved = [+.1f, 0, 0, 0, -.1f, .1f];
        for (int i = 0; i < 6; i++) Assert.Equal(before[i] + moved[i], table.Weights[i], 1e-5f);
    }

    [Fact]
    public void Adagrad_takes_the_mean_over_a_narrow_rows_own_values()
    {
        var table = new EmbeddingTable(2, 4, 1, seed: 1, widths: [4, 1]);
        float before = table.Row(1)[0];
        using Tensor gradient = tensor(new[] { 2f, 0, 0, 0 }).view(1, 4);
        new SparseAdagrad(table, .1f).Step([1], gradient);
        Assert.Equal(before - .1f * 2 / MathF.Sqrt(4 + 1e-6f), table.Row(1)[0], 1e-5f); // G = 2²/1, not 2²/4
    }

    [Fact]
    public void A_row_is_taken_to_the_models_width_and_its_first_order_weight_stays_last()
    {
        using var planted = new PlantedTable(200, width: Width);
        FeatureMap map = FeatureMap.Build(planted.Table, ["item", "hour", "weather"], 1);
        using var scope = NewDisposeScope();
        using FieldWidths widths = FieldWidths.Create(map, 4)!;
        Assert.Equal(["up.0.weight", "up.1.weight"], widths.named_parameters().Select(p => p.name)); // "hour" is as wide as the model
        using (no_grad()) widths.get_parameter("up.1.weight")!.copy_(tensor(new[] { 1f, 2, 0, -1 }).view(4, 1));
        Tensor rows = arange(15, float32).view(1, 3, 5), wide = widths.Fields(rows);
        Assert.Equal([10f, 20, 0, -10, 11], wide[0][2].data<float>().ToArray()); // 10 stored, 11 its first-order weight
        Assert.Equal([5f, 6, 7, 8, 9], wide[0][1].data<float>().ToArray());
        Assert.Equal(4, widths.Fields(rows.narrow(2, 0, 4)).size(2));
        Assert.Null(FieldWidths.Create(FeatureMap.Build(planted.Table, ["hour", "user"], 1), 4));
    }

    [Theory]
    [InlineData(BackboneKind.Lr, 1)]
    [InlineData(BackboneKind.DeepFm, 1)]
    [InlineData(BackboneKind.Dnn, 0)]
    [InlineData(BackboneKind.FinalMlp, 0)]
    public void The_table_stores_no_more_than_the_widths_and_a_saved_model_predicts_the_same_bits(BackboneKind backbone, int firstOrder)
    {
        using var planted = new PlantedTable(600, width: Width);
        CtrConfig config = s_ctr with { Backbone = backbone, SecondHidden = [8], SceneProducts = true };
        CtrRun run = CtrTrainer.Train(planted.Table, config, s_none, null, 1, null, planted.Context("ctr"));
        using CtrModel model = run.Model;
        FeatureMap map = model.Map;
        Assert.Equal(map.Fields.Select((f, n) => (map.Known(n).Count + 1) * ((Width(f) ?? 4) + firstOrder)).Sum(), model.Embeddings.Weights.Length);
        using CtrModel fresh = new(config, s_none, map, planted.Table, null, 1);
        if (backbone != BackboneKind.Lr)
            foreach ((string name, TorchSharp.Modules.Parameter p) in model.named_parameters().Where(p => p.name.StartsWith("widths.", StringComparison.Ordinal)))
                Assert.False(p.equal(fresh.get_parameter(name)!).all().item<bool>(), name);

        StageContext saved = planted.Context("saved");
        CtrModelFolder.Save(model, saved.Folder);
        using CtrModel again = CtrModelFolder.Load(saved.Folder, planted.Table, null);
        Assert.Equal(run.Test.Click, CtrPredictions.Of(again, new CtrInputs(planted.Table, config, again.Map, null), run.TestRows).Click);
    }

    [Fact]
    public void A_training_with_narrow_fields_and_vectors_made_elsewhere_goes_on_with_the_same_bits()
    {
        using var planted = new PlantedTable(600, width: Width, picture: true);
        CtrRun Run(string folder, int stopAfter)
        {
            using var stop = new CancellationTokenSource();
            StageContext context = planted.Context(folder) with { Progress = Listener.StoppingAt($"epoch {stopAfter}:", stop), Cancel = stop.Token };
            CtrRun run = CtrTrainer.Train(planted.Table, s_ctr with { Epochs = 3 }, s_none, null, 1, null, context, context.Folder, fieldVectors: planted.Pictures());
            run.Model.Dispose();
            return run;
        }

        CtrRun whole = Run("whole", int.MaxValue);
        Assert.Throws<OperationCanceledException>(() => Run("broken", 1));
        Assert.Equal(whole.Test.Click, Run("broken", int.MaxValue).Test.Click);
    }

    [Fact]
    public void A_field_wider_than_the_model_is_refused()
    {
        using var planted = new PlantedTable(50, width: f => f == "item" ? 5 : null);
        string message = Assert.Throws<InputException>(() => CtrTrainer.Train(planted.Table, s_ctr, s_none, null, 1, null, planted.Context("ctr"))).Message;
        Assert.EndsWith("data.fields.item.dimension: found 5; expected 1 to 4, which ctr.embeddingDimension is: the widest field's", message, StringComparison.Ordinal);
    }
}
