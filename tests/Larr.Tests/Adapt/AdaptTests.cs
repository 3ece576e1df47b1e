using Larr.Adapt;
using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;
using Larr.Tests.Ctr;
using static TorchSharp.torch;

namespace Larr.Tests.Adapt;

[Collection("torch")]
public sealed class AdaptTests
{
    static readonly AdaptConfig s_config = new() { Bottleneck = 4, Width = 8, MinRows = 100, BatchSize = 128, CompressionEpochs = 1, MatchingEpochs = 2, FineTuneEpochs = 1 };
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 4, Hidden = [16, 8], BatchSize = 256, Epochs = 1, LearningRate = 1e-2 };

    static CtrModel Model(PlantedTable planted)
    {
        FeatureMap map = FeatureMap.Build(planted.Table, CtrInputs.FieldsOf(planted.Table, s_ctr), 1);
        return new CtrModel(s_ctr, new AlignConfig { Scene = SceneAggregation.MeanPool }, map, planted.Table, planted.Vectors, seed: 1);
    }

    [Fact]
    public void The_divergence_agrees_with_a_case_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        // ½(σ² + μ² − 1 − ln σ²): (μ, σ²) = (1, 1) → ½; (0, e) → ½(e − 2).
        var q = new Posterior(tensor(new[,] { { 1f, 0f } }), tensor(new[,] { { 0f, 1f } }));
        Assert.Equal((.5 + (Math.E - 2) / 2) / 2, q.Divergence().item<float>(), 1e-6);
    }

    [Fact]
    public void Samples_have_the_posteriors_mean_and_deviation()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var q = new Posterior(full(20000, 1, 2f), full(20000, 1, (float)Math.Log(9)));
        Tensor z = q.Sample(generator);
        Assert.Equal(2, z.mean().item<float>(), .1);
        Assert.Equal(3, z.std().item<float>(), .1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void New_kernels_leave_every_bit_of_the_frozen_model(int layers)
    {
        using var planted = new PlantedTable(600);
        using CtrModel model = Model(planted);
        var inputs = new CtrInputs(planted.Table, s_ctr, model.Map, planted.Vectors);
        int[] rows = planted.Table.RowsOf(Part.Test);
        using var frozen = new AdaptedModel(model);
        using var adapted = new AdaptedModel(model);
        adapted.Activate("domain 1", new DomainKernels(s_config with { Layers = layers }, model, seed: 3));
        Assert.Equal(frozen.Predict(inputs, rows).Click, adapted.Predict(inputs, rows).Click);
    }

    [Fact]
    public void Only_the_domains_with_kernels_change()
    {
        using var planted = new PlantedTable(600);
        using CtrModel model = Model(planted);
        var inputs = new CtrInputs(planted.Table, s_ctr, model.Map, planted.Vectors);
        int[] rows = planted.Table.RowsOf(Part.Test), domains = Columns.Pick(planted.Table.Codes("domain"), rows);
        using var frozen = new AdaptedModel(model);
        using var adapted = new AdaptedModel(model);
        var kernels = new DomainKernels(s_config, model, seed: 3);
        using (no_grad())
            foreach (TorchSharp.Modules.Parameter p in kernels.parameters()) p.add_(.3f);
        adapted.Activate("domain 1", kernels);
        CtrPredictions before = frozen.Predict(inputs, rows), after = adapted.Predict(inputs, rows);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(domains[i] != 1, before.Click[i] == after.Click[i]);
    }

    [Fact]
    public void The_stage_reports_every_domain_and_its_kernels_can_be_loaded()
    {
        using var planted = new PlantedTable(3000, users: 50, items: 30);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrStage.Run(s_ctr, new AlignConfig { Scene = SceneAggregation.MeanPool, Lambda = 0 }, planted.Table, planted.Vectors, null, ctr);

        AdaptReport report = AdaptStage.Run(s_config with { LearningRate = 1e-2 }, planted.Table, ctr.Folder, planted.Vectors, context);
        Assert.Equal(planted.Table.RowsOf(Part.Test).Length, report.TestSlices!.Where(s => s.By == CtrSlices.ItemSeen).Sum(s => s.Rows));

        Assert.Equal(4, report.Domains.Count);
        Assert.Equal(planted.Table.RowsOf(Part.Test).Length, report.Domains.Sum(d => d.TestRows));
        Assert.Equal(report.ActiveKernels, report.Domains.Count(d => d.Activated));
        Assert.True(report.ActiveKernels > 0);
        Assert.True(report.KernelParameters < report.FineTuneParameters);
        Assert.All(report.Domains, d => Assert.True(d.Activated == (d.Kernel!.BestAuc > d.Kernel.FrozenAuc)));
        using CtrModel model = CtrModelFolder.Load(ctr.Folder, planted.Table, planted.Vectors);
        using AdaptedModel adapted = AdaptedModel.Load(context.Folder, model);
        CtrPredictions again = adapted.Predict(new CtrInputs(planted.Table, model.Config, model.Map, planted.Vectors), planted.Table.RowsOf(Part.Test));
        using var saved = new ColumnFile<float>(context.File("test-click.f32"));
        Assert.Equal(saved.Span.ToArray(), again.Click);
        Assert.Equal(again.Click.Length, new FileInfo(context.File("test-click-fine-tuned.f32")).Length / sizeof(float));
    }

    [Fact]
    public void A_domain_with_too_few_rows_keeps_the_frozen_model()
    {
        using var planted = new PlantedTable(800);
        StageContext ctr = planted.Context("ctr"), context = planted.Context("adapt");
        CtrStage.Run(s_ctr, new AlignConfig { Scene = SceneAggregation.None }, planted.Table, null, null, ctr);
        AdaptReport report = AdaptStage.Run(s_config with { MinRows = 100000 }, planted.Table, ctr.Folder, null, context);
        Assert.Equal(0, report.ActiveKernels);
        Assert.All(report.Domains, d => Assert.Null(d.Kernel));
        Assert.Equal(File.ReadAllBytes(context.File("test-click-frozen.f32")), File.ReadAllBytes(context.File("test-click.f32")));
    }
}
