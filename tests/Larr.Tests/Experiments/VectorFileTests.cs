using Larr.Data;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Tests.Experiments;

/// <summary>Vectors made elsewhere are an input of the stages that read them, and of no other.</summary>
public sealed class VectorFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    Stages WithVectors()
    {
        ExperimentFile city = ExperimentFile.Load(null, []);
        var field = new FieldConfig { Name = "picture", Role = FieldRole.Embedding, Vectors = new() { Path = _folder.At("vectors.parquet") } };
        return new Stages(city with { Experiment = city.Experiment with { Data = city.Experiment.Data with { Fields = [.. city.Experiment.Data.Fields, field] } } }, 0);
    }

    [Fact]
    public void A_changed_file_is_another_click_model_and_the_same_table_and_alignment()
    {
        _folder.Write("vectors.parquet", "one");
        Stages before = WithVectors();
        (string data, string align, string ctr) = (before.Data.Key.Hash, before.Align(1).Key.Hash, before.Ctr(Setting.Full, 1).Key.Hash);
        Assert.Equal(ctr, WithVectors().Ctr(Setting.Full, 1).Key.Hash);
        _folder.Write("vectors.parquet", "two");
        Stages after = WithVectors();
        Assert.Equal((data, align), (after.Data.Key.Hash, after.Align(1).Key.Hash));
        Assert.NotEqual(ctr, after.Ctr(Setting.Full, 1).Key.Hash);
        Assert.Equal(after.Ctr(Setting.Full, 1).Key.Hash, after.Adapt(Setting.Full, 1).Inputs["ctr"].Key.Hash);
    }

    [Fact]
    public void A_missing_file_is_named_before_anything_runs() =>
        Assert.Contains("vectors.parquet: no such file or index; data.fields.picture.vectors.path is", Assert.Throws<InputException>(() => WithVectors().Ctr(Setting.Full, 1)).Message);

    [Fact]
    public void An_experiment_without_widths_and_vectors_says_nothing_of_them_in_its_keys()
    {
        string config = new Stages(ExperimentFile.Load(null, []), 0).Data.Key.Config!.ToJsonString();
        Assert.Contains("\"minCount\"", config, StringComparison.Ordinal);
        Assert.DoesNotContain("\"dimension\"", config, StringComparison.Ordinal);
        Assert.DoesNotContain("\"vectors\"", config, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
