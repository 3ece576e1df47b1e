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
