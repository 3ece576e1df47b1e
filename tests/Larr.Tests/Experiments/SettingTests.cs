using Larr.Align;
using Larr.Data;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Tests.Experiments;

public sealed class SettingTests
{
    [Fact]
    public void Rows_are_chosen_by_name_and_the_baseline_is_always_there()
    {
        IReadOnlyList<Setting> chosen = Setting.Choose(["scene as a gate", "+ alignment"], "larr.json", "ablate.rows");
        Assert.Equal(["baseline", "scene as a gate", "+ alignment"], chosen.Select(s => s.Name));
        Assert.Contains("'scene as a gate' perhaps", Assert.Throws<InputException>(() => Setting.Choose(["scene as gate"], "larr.json", "ablate.rows")).Message);
        Assert.Contains("twice", Assert.Throws<InputException>(() => Setting.Choose(["baseline", "baseline"], "larr.json", "ablate.rows")).Message);
        Assert.Equal(Setting.All.Count, Setting.All.DistinctBy(s => s.Name).Count());
    }

    [Fact]
    public void An_alternative_differs_from_the_whole_in_what_its_name_says()
    {
        var align = new AlignConfig { Lambda = .3, Signal = CollaborativeSignal.User };
        AlignConfig Of(string name) => Setting.All.Single(s => s.Name == name).Apply(align);
        Assert.Equal(align with { Scene = SceneAggregation.MeanPool }, Of("aggregation: mean pooling"));
        Assert.Equal(align with { Scene = SceneAggregation.WholeText }, Of("aggregation: whole scene text"));
        Assert.Equal(align with { Lambda = 0 }, Of("alignment: none"));
        Assert.Equal(align with { Signal = CollaborativeSignal.Item }, Of("alignment: to the item"));
        Assert.Equal(align with { MaskScenes = false, MaskSignals = false }, Of("alignment: without masks"));
        Assert.Equal(align with { Use = SceneUse.AlignmentOnly }, Of("alignment only"));
        Assert.Equal(align, Of("+ alignment"));
    }

    [Fact]
    public void What_an_experiment_says_of_the_scene_holds_in_every_row_that_says_nothing_else()
    {
        StageNode Of(string setting, string row) => new Stages(ExperimentFile.Load(null, [setting]), 0).Ctr(Setting.All.Single(s => s.Name == row), 1);
        string Key(string setting, string row) => Of(setting, row).Key.Hash;
        Assert.Equal(Key("align.scene=meanPool", "+ alignment"), Key("align.scene=encoder", "aggregation: mean pooling"));
        Assert.True(Of("align.scene=wholeText", "+ alignment").Inputs.ContainsKey("scenes"));
        Assert.Equal(Key("align.scene=meanPool", "baseline"), Key("align.scene=encoder", "baseline"));
        Assert.Equal(Key("ctr.excludeScene=true", "baseline"), Key("ctr.excludeScene=false", "IDs without the scene"));
        Assert.Equal(Key("align.dimension=16", "+ alignment"), Key("align.heads=4", "+ alignment"));
        Assert.Contains("align.dimension: found 8; expected 16, which ctr.embeddingDimension is", Assert.Throws<InputException>(() => Key("align.dimension=8", "+ alignment")).Message);
    }

    [Fact]
    public void Where_an_index_lives_retrains_nothing()
    {
        string Key(params string[] settings) => new Stages(ExperimentFile.Load(null, settings), 0).Index(TextSource.Contrasted).Key.Hash;
        Assert.Equal(Key(), Key("index.backend=qdrant", "index.server.url=http://localhost:6333", "index.keepGenerations=9"));
        Assert.NotEqual(Key(), Key("index.type=int8"));
    }

    [Theory]
    [InlineData("seeds=[]", "seeds: found []")]
    [InlineData("seeds=[1,1]", "seeds: found [1, 1]")]
    [InlineData("ctr.batchSize=0", "ctr.batchSize: found 0; expected 1 or more")]
    [InlineData("ctr.epochs=0", "ctr.epochs: found 0")]
    [InlineData("ctr.hidden=[]", "ctr.hidden: found []")]
    [InlineData("ctr.hidden=[16,0]", "ctr.hidden: found [16, 0]")]
    [InlineData("ctr.monitor={}", "ctr.monitor: found")]
    [InlineData("ctr.dropout=1", "ctr.dropout: found 1; expected 0 or more, below 1")]
    [InlineData("ctr.learningRate=-1", "ctr.learningRate: found -1")]
    [InlineData("align.heads=0", "align.heads: found 0; expected a divisor of the width 32")]
    [InlineData("align.heads=5", "align.heads: found 5; expected a divisor of the width 32")]
    [InlineData("align.layers=0", "align.layers: found 0")]
    [InlineData("align.batchSize=0", "align.batchSize: found 0")]
    [InlineData("align.temperature=0", "align.temperature: found 0")]
    [InlineData("contrast.batch=1", "contrast.batch: found 1")]
    [InlineData("contrast.temperature=0.005", "contrast.temperature: found 0.005; expected 0.01 or more")]
    [InlineData("contrast.falseNegativeMargin=-0.1", "contrast.falseNegativeMargin: found -0.1")]
    [InlineData("contrast.optim.clipNorm=0", "contrast.optim.clipNorm: found 0")]
    [InlineData("pretrain.logSteps=0", "pretrain.logSteps: found 0; expected 1 or more")]
    [InlineData("pretrain.length=1", "pretrain.length: found 1; expected 2 or more")]
    [InlineData("pretrain.lowRank.rank=0", "pretrain.lowRank.rank: found 0")]
    [InlineData("adapt.layers=0", "adapt.layers: found 0")]
    [InlineData("embed.maxTokens=0", "embed.maxTokens: found 0")]
    [InlineData("index.keepGenerations=0", "index.keepGenerations: found 0")]
    [InlineData("corpus.maxItems=-1", "corpus.maxItems: found -1; expected 0 or more")]
    public void A_value_out_of_its_range_is_refused_before_a_stage_is_run(string setting, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => ExperimentFile.Load(null, [setting])).Message);

    [Fact]
    public void Every_row_of_the_city_has_its_stages_and_the_alternatives_share_what_they_can()
    {
        var stages = new Stages(ExperimentFile.Load(null, ["ctr.useUserId=true"]), 0);
        Setting Named(string name) => Setting.All.Single(s => s.Name == name);
        foreach (Setting setting in Setting.All) Assert.Equal(64, stages.Ctr(setting, 1).Key.Hash.Length);
        string full = stages.Ctr(Setting.Full, 1).Inputs["align"].Key.Hash;
        Assert.Equal(full, stages.Align(1).Key.Hash);
        Assert.Equal(full, stages.Ctr(Named("scene as a gate"), 1).Inputs["align"].Key.Hash);
        Assert.NotEqual(full, stages.Ctr(Named("alignment: to the user"), 1).Inputs["align"].Key.Hash);
        Assert.Equal(stages.Ctr(Named("+ aggregation encoder"), 1).Key.Hash, stages.Ctr(Named("alignment: none"), 1).Key.Hash);
        Assert.True(stages.Ctr(Named("aggregation: whole scene text"), 1).Inputs.ContainsKey("scenes"));
    }

    [Fact]
    public void Rows_are_those_that_the_data_allow()
    {
        Experiment city = ExperimentFile.Load(null, []).Experiment;
        Experiment Without(FieldRole role) => city with { Data = city.Data with { Fields = [.. city.Data.Fields.Where(f => f.Role != role)] } };
        Setting[] rows = [Setting.Baseline, Setting.FullTexts, Setting.FullAdapted];
        Assert.Equal(rows, Setting.Possible(rows, city));
        Assert.Equal([Setting.Baseline, Setting.FullTexts], Setting.Possible(rows, Without(FieldRole.Domain)));
        Assert.Equal([Setting.Baseline, Setting.FullAdapted with { Texts = false }], Setting.Possible(rows, Without(FieldRole.Text)));
        Assert.Equal(Setting.FullTexts, Setting.Whole(city));
        Assert.Equal(Setting.Full, Setting.Whole(Without(FieldRole.Text)));
    }
}
