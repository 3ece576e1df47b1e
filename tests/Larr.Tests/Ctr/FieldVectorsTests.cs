using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class FieldVectorsTests
{
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 8, Hidden = [32, 16], BatchSize = 128, Epochs = 3, LearningRate = 1e-2, UseItemId = false };
    static readonly AlignConfig s_none = new() { Scene = SceneAggregation.None };

    static CtrRun Train(PlantedTable planted, FieldVectors? pictures) =>
        CtrTrainer.Train(planted.Table, s_ctr, s_none, null, 1, null, planted.Context("ctr"), fieldVectors: pictures);

    [Fact]
    public void A_batch_holds_the_vector_of_each_rows_key_and_says_where_there_is_none()
    {
        using var planted = new PlantedTable(300, picture: true);
        FieldVectors pictures = planted.Pictures()!;
        using var scope = NewDisposeScope();
        ReadOnlySpan<int> items = planted.Table.Codes("picture");
        int[] rows = [.. Enumerable.Range(0, 300)];
        (Tensor vectors, Tensor absent) = Assert.Single(pictures.Batch(planted.Table, rows, CPU));
        (Tensor all, Tensor allAbsent) = pictures.All(0, CPU);
        Assert.Equal(1f, allAbsent.sum().item<float>());
        Assert.Equal(1f, allAbsent[0].item<float>());
        int without = 0;
        foreach (int row in rows)
        {
            int key = pictures.Keys(0).ToList().IndexOf($"picture {items[row]}");
            Assert.Equal(items[row] % 10 == 3, key < 0);
            Assert.Equal(key < 0 ? 1f : 0f, absent[row].item<float>());
            Assert.True(vectors[row].equal(all[key + 1]).all().item<bool>());
            if (key < 0) without++;
        }
        Assert.Equal(0f, all[0].abs().sum().item<float>());
        IReadOnlyDictionary<Part, int> missing = pictures.Missing(planted.Table)["picture"];
        Assert.Equal(without, missing.Values.Sum());
        Assert.Equal(planted.Table.RowsOf(Part.Test).Count(r => planted.Table.Codes("picture")[r] % 10 == 3), missing[Part.Test]);
    }

    [Fact]
    public void Vectors_are_standardised_by_the_keys_of_the_training_part_alone()
    {
        using var planted = new PlantedTable(400, picture: true);
        FieldVectors pictures = planted.Pictures()!;
        using var scope = NewDisposeScope();
        HashSet<string> seen = [.. planted.Table.RowsOf(Part.Train).Select(r => planted.Table.Values("picture")[planted.Table.Codes("picture")[r]])];
        long[] train = [.. pictures.Keys(0).Select((k, n) => (k, n)).Where(k => seen.Contains(k.k)).Select(k => k.n + 1L)];
        Assert.True(train.Length < pictures.Keys(0).Count);
        Tensor known = pictures.All(0, CPU).Vectors.index_select(0, tensor(train));
        Assert.Equal(0, known.mean([0]).abs().max().item<float>(), 1e-5);
        Assert.Equal(1, known.square().mean().item<float>(), 1e-5);
    }

    [Fact]
    public void The_layer_and_the_missing_vector_learn_and_a_saved_model_predicts_the_same_bits()
    {
        using var planted = new PlantedTable(3000, behaviour: false, conversions: false, users: 50, items: 300, picture: true);
        CtrRun run = Train(planted, planted.Pictures());
        using CtrModel model = run.Model;
        using var fresh = new CtrModel(s_ctr, s_none, model.Map, planted.Table, null, 1, fieldVectors: planted.Pictures());
        foreach (string name in new[] { "vectors.0.project.weight", "vectors.0.project.bias", "vectors.0.missing" })
            Assert.False(model.get_parameter(name)!.equal(fresh.get_parameter(name)!).all().item<bool>(), name);
        Assert.Equal(planted.Table.RowsOf(Part.Validation).Count(r => planted.Table.Codes("picture")[r] % 10 == 3), run.Report.WithoutVector!["picture"][Part.Validation]);

        StageContext saved = planted.Context("saved");
        CtrModelFolder.Save(model, saved.Folder);
        using CtrModel again = CtrModelFolder.Load(saved.Folder, planted.Table, null, fieldVectors: planted.Pictures());
        var inputs = new CtrInputs(planted.Table, s_ctr, again.Map, null, fieldVectors: planted.Pictures());
        Assert.Equal(run.Test.Click, CtrPredictions.Of(again, inputs, run.TestRows).Click);
    }

    [Fact]
    public void An_embedding_file_of_another_model_is_refused_with_both_identities()
    {
        using var planted = new PlantedTable(400, picture: true);
        using CtrModel model = Train(planted, planted.Pictures()).Model;
        StageContext saved = planted.Context("saved");
        CtrModelFolder.Save(model, saved.Folder);
        string Load(FieldVectors? vectors) => Assert.Throws<InputException>(() => CtrModelFolder.Load(saved.Folder, planted.Table, null, fieldVectors: vectors)).Message;
        Assert.EndsWith("ctr.json: picture: found vectors of 7 numbers made with {model b}; expected vectors of 7 numbers made with {model a}, with which the model was trained", Load(planted.Pictures("{model b}")), StringComparison.Ordinal);
        Assert.Contains("found vectors of 9 numbers", Load(planted.Pictures(dimension: 9)), StringComparison.Ordinal);
        Assert.EndsWith("ctr.json: embedding fields: found none; expected picture, with which the model was trained", Load(null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_with_an_embedding_field_needs_its_vectors()
    {
        using var planted = new PlantedTable(50, picture: true);
        Assert.Contains("data.fields.picture: found no vectors", Assert.Throws<InputException>(() => Train(planted, null)).Message);
        using var without = new PlantedTable(50);
        Assert.Null(without.Pictures());
    }
}
