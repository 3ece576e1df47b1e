using Larr.Adapt;
using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;
using Larr.Tests.Ctr;

namespace Larr.Tests.Adapt;

[Collection("torch")]
public sealed class AdaptTests
{
    static readonly AdaptConfig s_config = new() { Bottleneck = 4, Width = 8, MinRows = 100, BatchSize = 128, CompressionEpochs = 1, MatchingEpochs = 3, FineTuneEpochs = 2, LearningRate = 1e-2, FineTuneLearningRate = 1e-2 };
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 4, Hidden = [16, 8], BatchSize = 256, Epochs = 1, LearningRate = 1e-2 };

    [Theory]
    [InlineData(AdaptMethod.Iak)]
    [InlineData(AdaptMethod.PepNetGate)]
    [InlineData(AdaptMethod.Lora)]
    public void The_stage_reports_every_domain_and_its_adapters_can_be_loaded(AdaptMethod method)
    {
        using var planted = new PlantedTable(3000, users: 50, items: 30);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrStage.Run(s_ctr, new AlignConfig { Scene = SceneAggregation.MeanPool, Lambda = 0 }, planted.Table, planted.Vectors, null, ctr);

        AdaptReport report = AdaptStage.Run(s_config with { Method = method }, planted.Table, ctr.Folder, planted.Vectors, context);

        int[] test = planted.Table.RowsOf(Part.Test);
        Assert.Equal(test.Length, report.TestSlices!.Where(s => s.By == CtrSlices.ItemSeen).Sum(s => s.Rows));
        Assert.Equal(4, report.Domains.Count);
        Assert.Equal(test.Length, report.Domains.Sum(d => d.TestRows));
        Assert.Equal(report.ActiveDomains, report.Domains.Count(d => d.Epoch > 0));
        Assert.True(report.ActiveDomains > 0);
        Assert.All(report.Domains, d => Assert.Equal(d.Epoch > 0, d.Frozen.LogLoss != d.Adapted.LogLoss));
        using CtrModel model = CtrModelFolder.Load(ctr.Folder, planted.Table, planted.Vectors);
        using AdaptedModel adapted = AdaptedModel.Load(context.Folder, model);
        Assert.Equal(report.ActiveDomains, adapted.Adapters.Count);
        Assert.Equal(report.Parameters, adapted.Adapters.Values.First().Parameters * (method == AdaptMethod.PepNetGate ? 1 : 4));
        CtrPredictions again = adapted.Predict(new CtrInputs(planted.Table, model.Config, model.Map, planted.Vectors), test);
        using var saved = new ColumnFile<float>(context.File("test-click.f32"));
        Assert.Equal(saved.Span.ToArray(), again.Click);
    }

    [Fact]
    public void Full_fine_tuning_changes_the_domains_it_serves_and_keeps_no_adapter()
    {
        using var planted = new PlantedTable(3000, users: 50, items: 30);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrStage.Run(s_ctr, new AlignConfig { Scene = SceneAggregation.None }, planted.Table, null, null, ctr);
        AdaptReport report = AdaptStage.Run(s_config with { Method = AdaptMethod.FineTuning }, planted.Table, ctr.Folder, null, context);
        using CtrModel model = CtrModelFolder.Load(ctr.Folder, planted.Table, null);
        Assert.True(report.ActiveDomains > 0);
        Assert.Equal(4 * model.TrainableParameters, report.Parameters);
        Assert.All(report.Domains, d => Assert.Equal(d.Epoch > 0, d.Frozen.LogLoss != d.Adapted.LogLoss));
        Assert.False(File.Exists(context.File("adapters.json")));
    }

    [Fact]
    public void Fine_tuning_does_not_ask_a_small_domain_for_the_figure_that_the_whole_was_watched_by()
    {
        using var planted = new PlantedTable(1200, users: 2000, items: 30);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrConfig watched = s_ctr with { Monitor = new Dictionary<MonitoredMetric, double> { [MonitoredMetric.Gauc] = 1 } };
        CtrStage.Run(watched with { Monitor = s_ctr.Monitor }, new AlignConfig { Scene = SceneAggregation.None }, planted.Table, null, null, ctr);
        string saved = ctr.File(CtrModelFolder.ConfigFile);
        File.WriteAllText(saved, File.ReadAllText(saved).Replace("\"auc\": 1", "\"gauc\": 1", StringComparison.Ordinal));
        AdaptReport report = AdaptStage.Run(s_config with { Method = AdaptMethod.FineTuning }, planted.Table, ctr.Folder, null, context);
        Assert.Equal(4, report.Domains.Count(d => d.Epoch is not null));
    }

    [Theory]
    [InlineData(AdaptMethod.Iak, 100000)]
    [InlineData(AdaptMethod.PepNetGate, 100000)]
    [InlineData(AdaptMethod.FineTuning, 100000)]
    [InlineData(AdaptMethod.Frozen, 1)]
    public void A_domain_with_too_few_rows_keeps_the_frozen_model_and_so_does_every_one_without_a_method(AdaptMethod method, int minRows)
    {
        using var planted = new PlantedTable(800);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrStage.Run(s_ctr, new AlignConfig { Scene = SceneAggregation.None }, planted.Table, null, null, ctr);
        AdaptReport report = AdaptStage.Run(s_config with { Method = method, MinRows = minRows }, planted.Table, ctr.Folder, null, context);
        Assert.Equal(0, report.ActiveDomains);
        Assert.Equal(0, report.Parameters);
        Assert.All(report.Domains, d => Assert.Null(d.Epoch));
        Assert.Equal(File.ReadAllBytes(context.File("test-click-frozen.f32")), File.ReadAllBytes(context.File("test-click.f32")));
    }

    [Fact]
    public void Adapters_need_hidden_layers()
    {
        using var planted = new PlantedTable(800);
        StageContext ctr = planted.Context("ctr");
        CtrStage.Run(s_ctr with { Backbone = BackboneKind.Lr }, new AlignConfig { Scene = SceneAggregation.None }, planted.Table, null, null, ctr);
        Assert.Contains("hidden layers", Assert.Throws<InputException>(() => AdaptStage.Run(s_config, planted.Table, ctr.Folder, null, planted.Context("adapt"))).Message);
    }
}
