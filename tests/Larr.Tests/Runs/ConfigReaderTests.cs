using Larr.Contrast;
using Larr.Data;
using Larr.Runs;
using Larr.Train;

namespace Larr.Tests.Runs;

public sealed class ConfigReaderTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void Comments_defaults_and_settings_are_read_with_the_setting_winning()
    {
        string path = _folder.Write("a.json", """{ "name": "weather", /* why */ "role": "scene", "template": "it is {value}", }""");
        FieldConfig field = ConfigReader.Read<FieldConfig>(path, ["template=the sky: {value}"]);
        Assert.Equal(FieldRole.Scene, field.Role);
        Assert.Equal("the sky: {value}", field.Template);
        Assert.Equal(TextOwner.Item, field.Of);
    }

    [Fact]
    public void One_key_of_a_record_within_a_record_leaves_the_others_at_the_defaults_that_stand_there()
    {
        string path = _folder.Write("a.json", """{ "optim": { "weightDecay": 0.5 }, "widths": [32] }""");
        ContrastConfig read = ConfigReader.Read<ContrastConfig>(path, ["optim.beta2=0.9"]), standard = new();
        Assert.NotEqual(new OptimConfig().LearningRate, standard.Optim.LearningRate);
        Assert.Equal(standard.Optim with { WeightDecay = 0.5, Beta2 = 0.9 }, read.Optim);
        Assert.Equal([32], read.Widths);
        Assert.Equal(new ContrastConfig().Optim, standard.Optim); // nothing shared was changed
    }

    [Theory]
    [InlineData("""{ "name": "a", "role": "scene", "tempalte": "x" }""", "tempalte: found an unknown key; expected 'template' perhaps")]
    [InlineData("""{ "name": "a", "role": "scenery" }""", "role: found \"scenery\"; expected one of label, conversion, user, item,")]
    [InlineData("""{ "role": "scene" }""", "top level: found an object; expected the keys 'name'")]
    [InlineData("""{ "name": 3, "role": "scene" }""", "name: found 3; expected a text")]
    [InlineData("""{ "name": "a", """, "line 1, column")]
    [InlineData("[1]", "expected a JSON object")]
    public void Wrong_input_is_one_line_that_names_file_place_value_and_expectation(string json, string complaint)
    {
        string path = _folder.Write("a.json", json);
        InputException e = Assert.Throws<InputException>(() => ConfigReader.Read<FieldConfig>(path, []));
        Assert.StartsWith(path + ": ", e.Message);
        Assert.Contains(complaint, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        InputException e = Assert.Throws<InputException>(() => ConfigReader.Read<FieldConfig>(_folder.At("none.json"), []));
        Assert.Equal(_folder.At("none.json") + ": no such file", e.Message);
    }

    [Fact]
    public void A_setting_without_equals_is_refused()
    {
        string path = _folder.Write("a.json", """{ "name": "a", "role": "scene" }""");
        Assert.Contains("'role'", Assert.Throws<InputException>(() => ConfigReader.Read<FieldConfig>(path, ["role"])).Message);
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("Steps", "steps", 0)]
    [InlineData("", "abc", 3)]
    public void Edit_distance(string a, string b, int distance) => Assert.Equal(distance, Nearest.Distance(a, b));

    public void Dispose() => _folder.Dispose();
}
