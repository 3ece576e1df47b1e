using Larr.Adapt;
using Larr.Contrast;
using Larr.Data;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Tests.Experiments;

public class VariantTests
{
    static readonly Experiment s_experiment = new()
    {
        Name = "town",
        Data = new DataConfig { View = "", Fields = [], Split = new SplitConfig { Kind = SplitKind.Random } },
        Contrast = new ContrastConfig { UserUser = 0.25, UserItem = 0 },
    };

    static readonly ExperimentFile s_file = new("town.json", s_experiment);

    public static TheoryData<AblationOf> Stages => [AblationOf.Contrast, AblationOf.Vectors, AblationOf.Align];

    [Theory]
    [MemberData(nameof(Stages))]
    public void Each_changes_the_experiment_in_its_own_way_and_the_baseline_does_not(AblationOf of)
    {
        IReadOnlyList<Variant> variants = Variant.Of(of, s_file);
        Assert.Same(s_experiment, variants[0].Change(s_experiment));
        string[] hashes = [.. variants.Select(v => v.Change(s_experiment)).Select(e => StageKey.Of("test", 1, e, 1, new Dictionary<string, string>()).Hash)];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(variants.Count, variants.Select(v => v.Name).Distinct().Count());
        Assert.All(variants, v => v.Change(s_experiment).Contrast.Validate());
    }

    [Fact]
    public void Rows_are_chosen_by_name_with_the_baseline_first()
    {
        Assert.Equal(["baseline", "log Q", "one direction"], Variant.Choose(AblationOf.Contrast, s_file, ["log Q", "one direction"], "--row", "value").Select(v => v.Name));
        Assert.Equal(Variant.OfVectors, Variant.Choose(AblationOf.Vectors, s_file, [], "--row", "value"));
        Assert.Contains("'log Q' perhaps", Assert.Throws<InputException>(() => Variant.Choose(AblationOf.Contrast, s_file, ["logQ"], "--row", "value")).Message);
        Assert.Equal(["frozen", "IAK"], Variant.Choose(AblationOf.Adapt, s_file, ["IAK"], "--row", "value").Select(v => v.Name));
    }

    [Fact]
    public void Kinds_of_pairs_are_compared_at_their_default_weights_whatever_the_experiment_has()
    {
        PairKind[] kinds = Enum.GetValues<PairKind>();
        double[] Weights(string row)
        {
            ContrastConfig contrast = Variant.OfContrast.Single(v => v.Name == row).Change(s_experiment).Contrast;
            return [.. kinds.Select(contrast.Weight)];
        }
        Assert.Equal([0.25, 1, 0, 1], Weights("baseline"));
        Assert.Equal([0.5, 1, 1, 1], Weights("every kind"));
        Assert.Equal([0.5, 1, 0, 1], Weights("without user-item"));
        Assert.Equal([0, 0, 0, 1], Weights("scene-item alone"));
        Assert.Equal([0.25, 1, 0, 1], Weights("log Q"));
    }

    [Fact]
    public void Each_way_of_adaptation_has_a_row_and_the_first_adapts_nothing()
    {
        Assert.Equal(Enum.GetValues<AdaptMethod>(), Variant.OfAdapt.Select(v => v.Change(s_experiment).Adapt.Method).Distinct());
        Assert.Equal(AdaptMethod.Frozen, Variant.OfAdapt[0].Change(s_experiment).Adapt.Method);
        AdaptConfig[] kernels = [.. Variant.OfAdapt.Select(v => v.Change(s_experiment).Adapt).Where(a => a.Method == AdaptMethod.Iak)];
        Assert.Equal([new AdaptConfig(), new AdaptConfig { CompressionEpochs = 0 }, new AdaptConfig { Beta = 0 }], kernels);
    }

    static ExperimentFile Written(TemporaryFolder folder, string variants, params string[] settings)
    {
        string path = Path.Combine(folder.Path, "town.json");
        File.WriteAllText(path, $$"""
            { "name": "town", "data": { "view": "", "fields": [], "split": { "kind": "random" } }, "ctr": { "dropout": 0.3 }, "ablate": { "variants": {{variants}} } }
            """);
        return ExperimentFile.Load(path, settings);
    }

    [Fact]
    public void An_experiment_names_rows_of_its_own_as_settings_on_top_of_those_it_was_read_with()
    {
        using var folder = new TemporaryFolder();
        ExperimentFile file = Written(folder, """[{ "name": "wide", "set": ["ctr.hidden=[512]"] }, { "name": "wide, free", "set": ["ctr.hidden=[512]", "ctr.dropout=0"] }]""", "ctr.epochs=3");
        IReadOnlyList<Variant> variants = Variant.Of(AblationOf.Variants, file);
        Assert.Equal(["baseline", "wide", "wide, free"], variants.Select(v => v.Name));
        (int, double, int)[] ctr = [.. variants.Select(v => v.Change(file.Experiment).Ctr).Select(c => (c.Hidden[0], c.Dropout, c.Epochs))];
        Assert.Equal([(256, .3, 3), (512, .3, 3), (512, 0, 3)], ctr);
    }

    [Theory]
    [InlineData("[]", "ablate.variants: found none; expected rows such as")]
    [InlineData("""[{ "set": ["ctr.dropout=0"] }]""", "ablate.variants[0].name: found ''; expected a name of its own")]
    [InlineData("""[{ "name": "baseline" }]""", "ablate.variants[0].name: found 'baseline'; expected a name of its own")]
    [InlineData("""[{ "name": "a" }, { "name": "a" }]""", "ablate.variants[1].name: found 'a'; expected a name of its own")]
    public void Rows_without_a_name_of_their_own_are_refused(string variants, string message)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(message, Assert.Throws<InputException>(() => Variant.Of(AblationOf.Variants, Written(folder, variants))).Message);
    }

    [Fact]
    public void A_setting_that_does_not_exist_is_refused_before_any_row_is_run()
    {
        using var folder = new TemporaryFolder();
        ExperimentFile file = Written(folder, """[{ "name": "a", "set": ["ctr.dropouts=0"] }]""");
        Assert.Contains("ablate.variants[0].set: ", Assert.Throws<InputException>(() => Variant.Of(AblationOf.Variants, file)).Message);
    }

    [Theory]
    [InlineData("seeds=[9]")]
    [InlineData("data.split.fold=2")]
    [InlineData("data.split.test=0.4")]
    [InlineData("data.view=SELECT 1")]
    [InlineData("seed=2")]
    [InlineData("ablate.variantsOf=baseline")]
    public void What_belongs_to_the_whole_table_is_no_row(string setting)
    {
        using var folder = new TemporaryFolder();
        ExperimentFile file = Written(folder, $$"""[{ "name": "a", "set": ["ctr.dropout=0", "{{setting}}"] }]""");
        InputException error = Assert.Throws<InputException>(() => Variant.Of(AblationOf.Variants, file));
        Assert.Contains($"ablate.variants[0].set: found '{setting}'; expected a setting of a stage", error.Message);
    }

    static (string Row, int Seed, StageNode Last)[] CellsOfTheCity(params string[] settings)
    {
        using var folder = new TemporaryFolder();
        ExperimentFile city = ExperimentFile.Load(null, ["""ablate.variants=[{"name":"dropped","set":["ctr.dropout=0.5"]}]""", "seeds=[1,2]", .. settings]);
        var ablation = new VariantAblation(city, new ArtifactStore(folder.Path, "larr ablate"), AblationOf.Variants, Variant.Of(AblationOf.Variants, city));
        return [.. ablation.Cells().Select(c => (c.Variant.Name, c.Seed, c.Last))];
    }

    [Fact]
    public void Rows_of_ones_own_are_judged_by_the_whole_click_model_or_by_the_row_that_the_experiment_names()
    {
        foreach ((string[] settings, bool texts) in new[] { (Array.Empty<string>(), true), (["ablate.variantsOf=baseline"], false) })
        {
            (string Row, int Seed, StageNode Last)[] cells = CellsOfTheCity(settings);
            Assert.Equal([("baseline", 1), ("dropped", 1), ("baseline", 2), ("dropped", 2)], cells.Select(c => (c.Row, c.Seed)));
            Assert.Equal([1, 1, 2, 2], cells.Select(c => c.Last.Key.Seed));
            Assert.All(cells, c => Assert.Equal(c.Row == "dropped", c.Last.Key.Config!.ToJsonString().Contains("\"dropout\":0.5", StringComparison.Ordinal)));
            Assert.All(cells, c => Assert.Equal(texts, c.Last.Inputs.ContainsKey("texts")));
        }
    }

    [Fact]
    public void A_row_that_the_judging_model_sees_nothing_of_is_refused_before_any_row_is_run()
    {
        using var folder = new TemporaryFolder();
        ExperimentFile city = ExperimentFile.Load(null, ["""ablate.variants=[{"name":"adapted","set":["adapt.minRows=5"]}]"""]);
        var ablation = new VariantAblation(city, new ArtifactStore(folder.Path, "larr ablate"), AblationOf.Variants, Variant.Of(AblationOf.Variants, city));
        InputException error = Assert.Throws<InputException>(() => ablation.Run("larr ablate", new Progress<StageProgress>(), TestContext.Current.CancellationToken));
        Assert.Contains("ablate.variants: found 'adapted'; expected a setting that changes the model", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Rows_are_run_on_every_fold_of_a_split_into_folds()
    {
        (string Row, int Seed, StageNode Last)[] cells = CellsOfTheCity("data.split.kind=groupKFold", "data.split.folds=3");
        Assert.Equal(3 * 2 * 2, cells.Select(c => c.Last.Key.Hash).Distinct().Count());
    }

    [Fact]
    public void A_fold_is_one_unit_whatever_the_number_of_its_seeds_and_a_seed_is_one_where_there_are_no_folds()
    {
        (int Fold, double Value)[] values = [(0, .5), (0, .7), (1, .8), (1, 1)];
        Assert.Equal([.6, .9], TestedFolds.Units([0, 1], values).Select(v => Math.Round(v, 12)));
        Assert.Equal([.5, .7], TestedFolds.Units([0], values[..2]));
    }

    [Theory]
    [InlineData("+ IAK", "ablate.variantsOf: found '+ IAK'; expected a row without adaptation that the data allow")]
    [InlineData("basline", "ablate.variantsOf: found 'basline'; expected 'baseline' perhaps")]
    public void A_row_that_cannot_judge_is_refused(string row, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => CellsOfTheCity($"ablate.variantsOf={row}")).Message);
}
