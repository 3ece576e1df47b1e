using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;
using TorchSharp;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class CtrTrainerTests
{
    static readonly CtrConfig s_config = new() { EmbeddingDimension = 8, Hidden = [32, 16], BatchSize = 256, Epochs = 3, LearningRate = 1e-2, UseUserId = false };
    static readonly AlignConfig s_encoder = new() { Width = 16, Heads = 2, Layers = 1 };
    static readonly AlignConfig s_none = new() { Scene = SceneAggregation.None };

    static CtrRun Train(PlantedTable planted, CtrConfig config, AlignConfig align, int seed = 1)
    {
        CtrRun run = CtrTrainer.Train(planted.Table, config, align, planted.Vectors, seed, null, planted.Context("ctr"));
        run.Model.Dispose();
        return run;
    }

    [Fact]
    public void It_learns_what_is_planted_and_scene_vectors_carry_it_further_than_scene_identifiers()
    {
        using var planted = new PlantedTable(4000, behaviour: false, conversions: false, users: 50, items: 30, calls: 2);
        CtrConfig config = s_config with { BatchSize = 128, ExcludeScene = true };
        double ids = Train(planted, config with { ExcludeScene = false }, s_none).Report.Test.Auc!.Value;
        double blind = Train(planted, config, s_none).Report.Test.Auc!.Value;
        double vector = Train(planted, config, s_encoder with { Lambda = 0 }).Report.Test.Auc!.Value;
        double best = planted.BestTestAuc();
        Assert.True(blind < ids - .01 && ids < vector - .02 && vector < best, $"blind {blind}, ids {ids}, vector {vector}, best {best}");
    }

    [Theory]
    [InlineData(BackboneKind.Lr)]
    [InlineData(BackboneKind.Fm)]
    [InlineData(BackboneKind.Dnn)]
    [InlineData(BackboneKind.DeepFm)]
    [InlineData(BackboneKind.DcnV2)]
    [InlineData(BackboneKind.FinalMlp)]
    [InlineData(BackboneKind.Din)]
    [InlineData(BackboneKind.TargetAttention)]
    public void Every_backbone_gives_the_same_bits_for_the_same_seed_and_others_for_another(BackboneKind backbone)
    {
        using var planted = new PlantedTable(1500);
        CtrConfig config = s_config with { Backbone = backbone, Epochs = 2, BatchNorm = true };
        CtrRun first = Train(planted, config, s_encoder), again = Train(planted, config, s_encoder), other = Train(planted, config, s_encoder, seed: 2);
        Assert.Equal(first.Test.Click, again.Test.Click);
        Assert.Equal(first.Test.Conversion, again.Test.Conversion);
        Assert.NotEqual(first.Test.Click, other.Test.Click);
        Assert.All(first.Test.Click.Zip(first.Test.Conversion), p => Assert.True(p.First is > 0 and < 1 && p.Second <= p.First));
    }

    [Fact]
    public void The_step_size_drops_after_as_many_epochs_without_a_better_score_as_asked_for()
    {
        using var planted = new PlantedTable(1500);
        CtrConfig kept = s_config with { Epochs = 8, Patience = 4, LearningRate = 3e-2 };
        float[] Clicks(CtrConfig config) => [.. CtrTrainer.Train(planted.Table, config, s_none, null, 1, null, planted.Context("ctr")).Curve.Select(e => (float)e.Validation.Auc!)];
        float[] never = Clicks(kept), patient = Clicks(kept with { PlateauFactor = .1, PlateauPatience = 4 }), at = Clicks(kept with { PlateauFactor = .1, PlateauPatience = 2 });
        Assert.Equal(never, patient); // training stops where the step size would drop
        int drop = Enumerable.Range(2, never.Length - 2).First(e => Math.Max(never[e], never[e - 1]) <= never[..(e - 1)].Max());
        Assert.Equal(never[..(drop + 1)], at[..(drop + 1)]);
        Assert.NotEqual(never[drop + 1], at[drop + 1]);
        InputException error = Assert.Throws<InputException>(() => Train(planted, kept with { PlateauPatience = 0 }, s_none));
        Assert.Contains("ctr.plateauPatience: found 0; expected 1 or more", error.Message);
    }

    [Theory]
    [InlineData(EmbeddingOptimizer.Adam)]
    [InlineData(EmbeddingOptimizer.Adagrad)]
    public void A_training_that_is_interrupted_goes_on_with_the_same_bits(EmbeddingOptimizer optimizer)
    {
        using var planted = new PlantedTable(1500);
        CtrConfig config = s_config with { Epochs = 4, BatchNorm = true, Dropout = .2, PlateauFactor = .5, LearningRate = 3e-2, EmbeddingOptimizer = optimizer, Precision = Larr.Model.Precision.BFloat16 };
        CtrRun Run(string folder, int stopAfter)
        {
            using var stop = new CancellationTokenSource();
            StageContext context = planted.Context(folder) with { Progress = Listener.StoppingAt($"epoch {stopAfter}:", stop), Cancel = stop.Token };
            CtrRun run = CtrTrainer.Train(planted.Table, config, s_encoder, planted.Vectors, 1, null, context, context.Folder);
            run.Model.Dispose();
            return run;
        }

        CtrRun whole = Run("whole", int.MaxValue);
        Assert.Throws<OperationCanceledException>(() => Run("broken", 2));
        Assert.True(Directory.Exists(Path.Combine(planted.Context("broken").Folder, "checkpoint")));
        CtrRun resumed = Run("broken", int.MaxValue);

        Assert.Equal(whole.Test.Click, resumed.Test.Click);
        Assert.Equal(whole.Test.Conversion, resumed.Test.Conversion);
        Assert.Equal(whole.Curve.Select(e => e.Loss), resumed.Curve.Select(e => e.Loss));
        // A kill after the last epoch, before the stage has written what came of it.
        Assert.Equal(whole.Test.Click, Run("broken", int.MaxValue).Test.Click);
        CtrCheckpoint.Clear(planted.Context("broken").Folder);
        Assert.Empty(Directory.EnumerateDirectories(planted.Context("broken").Folder));
    }

    [Theory]
    [InlineData(BackboneKind.Dnn, Larr.Model.Precision.Float32)]
    [InlineData(BackboneKind.Dnn, Larr.Model.Precision.BFloat16)]
    [InlineData(BackboneKind.DeepFm, Larr.Model.Precision.BFloat16)]
    public void Without_the_scene_encoder_the_number_of_threads_does_not_change_a_bit(BackboneKind kind, Larr.Model.Precision precision)
    {
        using var planted = new PlantedTable(1500);
        using var threadsBefore = new ThreadCount();
        CtrConfig config = s_config with { Backbone = kind, Precision = precision, BatchNorm = true, Dropout = .2, Epochs = 2 };
        torch.set_num_threads(1);
        CtrRun one = Train(planted, config, s_none);
        torch.set_num_threads(3);
        Assert.Equal(one.Test.Click, Train(planted, config, s_none).Test.Click);
    }

    [Fact]
    public void A_weighted_score_decides_the_best_epoch_and_a_missing_figure_is_named()
    {
        var metrics = new CtrMetrics(.8, null, .5, null);
        Assert.Equal(2 * .8 - .5, metrics.Score(new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Auc] = 2, [MonitoredMetric.LogLoss] = -1 }), 12);
        Assert.Equal(-.5, (metrics with { Auc = null }).Score(new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Auc] = 1 }), 12);
        InputException complaint = Assert.Throws<InputException>(() => metrics.Score(new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Gauc] = 1 }));
        Assert.Contains("ctr.monitor: found gauc", complaint.Message);
    }

    [Fact]
    public void Training_stops_where_no_epoch_is_better_by_the_least_difference_and_keeps_the_first()
    {
        using var planted = new PlantedTable(1000);
        CtrConfig config = s_config with { Epochs = 6, Patience = 2, MinDelta = 1 };
        CtrRun run = Train(planted, config, s_none);
        Assert.Equal(3, run.Curve.Count);
        Assert.Equal(Train(planted, config with { Epochs = 1 }, s_none).Test.Click, run.Test.Click);
        Assert.Contains("ctr.minDelta: found -1", Assert.Throws<InputException>(() => Train(planted, config with { MinDelta = -1 }, s_none)).Message);
    }

    [Fact]
    public void Slices_cover_the_test_part_by_field_and_by_what_the_training_part_has_seen()
    {
        using var planted = new PlantedTable(1500);
        CtrReport report = Train(planted, s_config with { Epochs = 1 }, s_none).Report;
        foreach (string by in new[] { "domain", "weather", "item seen", "user seen" })
        {
            Assert.Equal(300, report.TestSlices!.Where(s => s.By == by).Sum(s => s.Rows));
            if (by.EndsWith(" seen", StringComparison.Ordinal))
                Assert.Equal(planted.Table.RowsOf(Part.Test).Count(r => planted.Table.Labels[r] == 1), report.TestSlices!.Where(s => s.By == by).Sum(s => s.Clicks));
        }
        Assert.Equal("0", report.TestSlices!.First(s => s.By == "user seen").Value);
        Assert.Equal(10, report.Test.Calibration!.Deciles.Count);
        Assert.InRange(report.UnseenShare!["item"], 0, .2);
    }

    [Fact]
    public void Training_longer_leaves_no_more_tensors_behind()
    {
        using var planted = new PlantedTable(1000);
        long Left(int epochs)
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            Train(planted, s_config with { Epochs = epochs, Patience = epochs, BatchNorm = true, Backbone = BackboneKind.Din }, s_encoder);
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        }

        // TorchSharp's layers leave a few temporaries of their constructors to the finalizer.
        Assert.Equal(Left(1), Left(4));
    }

    [Fact]
    public void A_saved_model_predicts_the_same_bits()
    {
        using var planted = new PlantedTable(1500);
        StageContext context = planted.Context("stage");
        CtrReport report = CtrStage.Run(s_config with { Epochs = 1, BatchNorm = true }, s_encoder, planted.Table, planted.Vectors, null, context);
        using CtrModel model = CtrModelFolder.Load(context.Folder, planted.Table, planted.Vectors);
        var inputs = new CtrInputs(planted.Table, model.Config, model.Map, planted.Vectors);
        CtrPredictions again = CtrPredictions.Of(model, inputs, planted.Table.RowsOf(Part.Test));
        using var click = new ColumnFile<float>(context.File("test-click.f32"));
        using var conversion = new ColumnFile<float>(context.File("test-ctcvr.f32"));
        Assert.Equal(click.Span.ToArray(), again.Click);
        Assert.Equal(conversion.Span.ToArray(), again.Conversion);
        Assert.True(File.Exists(context.File("report.json")));
        Assert.Equal(1050, report.TrainRows);
    }

    [Fact]
    public void Weights_and_vectors_of_another_model_are_named()
    {
        using var planted = new PlantedTable(400);
        StageContext one = planted.Context("one"), other = planted.Context("other");
        CtrConfig config = s_config with { Epochs = 1 };
        CtrStage.Run(config, s_encoder, planted.Table, planted.Vectors, null, one);
        CtrStage.Run(config with { EmbeddingDimension = 4 }, s_encoder, planted.Table, planted.Vectors, null, other);
        var narrow = SceneVectors.From(planted.Table, (_, _) => [1, 2, 3]);
        string vectors = Assert.Throws<InputException>(() => CtrModelFolder.Load(one.Folder, planted.Table, narrow)).Message;
        Assert.Contains("ctr.safetensors: scene.", vectors, StringComparison.Ordinal);
        Assert.Contains("found shape", vectors, StringComparison.Ordinal);

        File.Copy(other.File("ctr.safetensors"), one.File("ctr.safetensors"), overwrite: true);
        string weights = Assert.Throws<InputException>(() => CtrModelFolder.Load(one.Folder, planted.Table, planted.Vectors)).Message;
        Assert.Matches(@"ctr\.safetensors: embeddings: found shape \[\d+, 4\]; expected \[\d+, 8\], as the feature map beside it has rows", weights);
    }

    [Fact]
    public void Numbers_and_tags_are_learned_from()
    {
        using var planted = new NumbersAndTags(3000);
        CtrConfig config = s_config with { BatchSize = 128, MinCount = 1, Epochs = 6 };
        CtrRun run = CtrTrainer.Train(planted.Table, config, s_none, null, 1, null, planted.Context);
        using CtrModel model = run.Model;
        // The clicks follow a bucketised number, a scaled one and a tag, one third each; without them there is nothing to learn.
        Assert.InRange(run.Report.Test.Auc!.Value, .75, 1);
        CtrModelFolder.Save(model, planted.Context.Folder);
        using CtrModel loaded = CtrModelFolder.Load(planted.Context.Folder, planted.Table, null);
        CtrPredictions again = CtrPredictions.Of(loaded, new CtrInputs(planted.Table, config, loaded.Map, null), planted.Table.RowsOf(Part.Test));
        Assert.Equal(run.Test.Click, again.Click);
    }

    [Fact]
    public void Logistic_regression_has_a_weight_for_each_tag()
    {
        using var planted = new NumbersAndTags(3000);
        CtrRun run = CtrTrainer.Train(planted.Table, s_config with { Backbone = BackboneKind.Lr, BatchSize = 128, MinCount = 1, Epochs = 6 }, s_none, null, 1, null, planted.Context);
        using CtrModel model = run.Model;
        float Weight(int tag) => model.Embeddings.Row(model.Map.Ids(model.Map.Find("tags"))[tag])[^1];
        Assert.True(Weight(3) > Enumerable.Range(0, 3).Max(Weight) + .5f, $"hot {Weight(3)}, cold {Weight(0)}, {Weight(1)}, {Weight(2)}");
    }

    [Fact]
    public void A_step_size_under_which_the_loss_is_no_number_is_named()
    {
        using var planted = new PlantedTable(600);
        Assert.Contains("ctr.learningRate: found 1E+30; expected a smaller one", Assert.Throws<InputException>(() => Train(planted, s_config with { LearningRate = 1e30 }, s_none)).Message);
    }

    [Fact]
    public void A_model_without_any_feature_is_refused()
    {
        using var table = new Corpus.SmallTable([new("u", "a", "sunny", "lunch", 1), new("u", "b", "sunny", "lunch", 0)]);
        using var folder = new TemporaryFolder();
        var context = new StageContext(folder.Path, 1, new Progress<StageProgress>(), CancellationToken.None);
        InputException error = Assert.Throws<InputException>(() =>
            CtrTrainer.Train(table.Table, s_config with { UseItemId = false, UseUserId = false, ExcludeScene = true }, s_none, null, 1, null, context));
        Assert.Contains("no field of one value", error.Message);
    }

    [Fact]
    public void Din_without_a_behaviour_is_refused()
    {
        using var planted = new PlantedTable(50, behaviour: false);
        Assert.Contains("role behaviour", Assert.Throws<InputException>(() => Train(planted, s_config with { Backbone = BackboneKind.Din }, s_none)).Message);
    }

    [Theory]
    [InlineData(BackboneKind.Din, 0)]
    [InlineData(BackboneKind.TargetAttention, -1)]
    [InlineData(BackboneKind.Dnn, 0)]
    public void A_behaviour_of_which_nothing_is_read_is_refused(BackboneKind backbone, int length)
    {
        using var planted = new PlantedTable(50);
        string message = Assert.Throws<InputException>(() => Train(planted, s_config with { Backbone = backbone, HistoryLength = length }, s_none)).Message;
        Assert.EndsWith($"ctr.historyLength: found {length}; expected 1 or more: behaviours and tags are read up to it", message, StringComparison.Ordinal);
        using var without = new PlantedTable(300, behaviour: false);
        Assert.NotNull(Train(without, s_config with { HistoryLength = length, Epochs = 1 }, s_none).Report.Test.Auc);
    }

    [Fact]
    public void Alignment_without_item_identities_is_refused()
    {
        using var planted = new PlantedTable(50);
        Assert.Contains("align.lambda", Assert.Throws<InputException>(() => Train(planted, s_config with { UseItemId = false }, s_encoder)).Message);
    }

    [Fact]
    public void Without_conversions_there_is_one_head_and_no_conversion_metric()
    {
        using var planted = new PlantedTable(600, conversions: false);
        CtrRun run = Train(planted, s_config with { Epochs = 1 }, s_none);
        Assert.Empty(run.Test.Conversion);
        Assert.Null(run.Report.Test.CtcvrAuc);
        Assert.NotNull(run.Report.Test.Gauc);
    }
}
