using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class TextFeaturesTests
{
    internal const int Dimension = 12;

    /// <summary>Random vectors of items and users; that of an item says its category, and user 0 has no text.</summary>
    internal static TextFeatures Random(ImpressionTable table)
    {
        var random = new Random(7);
        float[] Vectors(string field) => [.. Enumerable.Range(0, table.Values(field).Count).SelectMany(v =>
            Enumerable.Range(0, Dimension).Select(i => field == "user" && v == 0 ? 0 : (i == v % PlantedTable.Categories ? 1 : 0) + .1f * random.NextSingle()))];
        return TextFeatures.Of(table, Dimension, [("item", Vectors("item")), ("user", Vectors("user"))]);
    }

    [Fact]
    public void A_batch_holds_the_vector_of_each_rows_item_and_user_and_zeros_where_there_is_no_text()
    {
        using var planted = new PlantedTable(300);
        TextFeatures texts = Random(planted.Table);
        using var scope = NewDisposeScope();
        int[] rows = [3, 7, 200];
        IReadOnlyList<Tensor> batch = texts.Batch(planted.Table, rows, CPU);
        Tensor items = texts.All(0, CPU), users = texts.All(1, CPU);
        for (int b = 0; b < rows.Length; b++)
        {
            Assert.True(batch[0][b].equal(items[planted.Table.Codes("item")[rows[b]] + 1]).all().item<bool>());
            Assert.True(batch[1][b].equal(users[planted.Table.Codes("user")[rows[b]] + 1]).all().item<bool>());
        }
        Assert.Equal(0f, items[0].abs().sum().item<float>());
        Assert.Equal(0f, users[1].abs().sum().item<float>());
        Assert.NotEqual(0f, users[2].abs().sum().item<float>());
    }

    [Fact]
    public void They_tell_what_identities_do_not_know_and_every_projection_learns()
    {
        using var planted = new PlantedTable(3000, behaviour: false, conversions: false, users: 50, items: 300);
        var ctr = new CtrConfig { EmbeddingDimension = 8, Hidden = [32, 16], BatchSize = 128, Epochs = 3, LearningRate = 1e-2, UseItemId = false };
        var none = new AlignConfig { Scene = SceneAggregation.None };
        TextFeatures texts = Random(planted.Table);
        CtrRun run = CtrTrainer.Train(planted.Table, ctr, none, null, 1, null, planted.Context("ctr"), texts: texts);
        using CtrModel model = run.Model;
        var fresh = new CtrModel(ctr, none, model.Map, planted.Table, null, 1, texts);
        foreach (string name in new[] { "texts.0.weight", "texts.1.weight" })
            Assert.False(model.get_parameter(name)!.equal(fresh.get_parameter(name)!).all().item<bool>(), name);

        StageContext saved = planted.Context("saved");
        CtrModelFolder.Save(model, saved.Folder);
        using CtrModel again = CtrModelFolder.Load(saved.Folder, planted.Table, null, texts);
        var inputs = new CtrInputs(planted.Table, ctr, again.Map, null, texts);
        Assert.Equal(run.Test.Click, CtrPredictions.Of(again, inputs, run.TestRows).Click);
    }

    [Fact]
    public void A_wrong_number_of_vectors_is_refused()
    {
        using var planted = new PlantedTable(50);
        Assert.Contains("120 vectors of 12", Assert.Throws<InputException>(() => TextFeatures.Of(planted.Table, Dimension, [("item", [1f])])).Message);
    }
}
