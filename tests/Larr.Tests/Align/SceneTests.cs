using Larr.Align;
using Larr.Data;
using Larr.Runs;
using Larr.Tests.Ctr;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class SceneTests
{
    [Fact]
    public void A_batch_names_every_distinct_scene_and_value_once_and_leads_back_to_each_rows_vectors()
    {
        using var planted = new PlantedTable(300);
        ImpressionTable table = planted.Table;
        var scenes = new SceneRows(table, planted.Vectors);
        int[] rows = [5, 9, 5, 17, 120];
        using var scope = NewDisposeScope();
        SceneBatch batch = scenes.Batch(rows, CPU);
        batch = scenes.Batch(rows, CPU); // the second call starts from clean slots

        long[] ofRow = batch.OfRow.data<long>().ToArray();
        Assert.Equal(ofRow[0], ofRow[2]);
        Assert.Equal(4, batch.Values.size(0));
        long[] distinct = batch.Values.flatten().data<long>().ToArray();
        Assert.Equal(batch.Vectors.size(0), distinct.Distinct().Count());
        for (int b = 0; b < rows.Length; b++)
            for (int f = 0; f < planted.Vectors.Fields.Count; f++)
            {
                long value = batch.Values[ofRow[b], f].item<long>();
                Assert.Equal(f, batch.Fields[value].item<long>());
                ReadOnlySpan<float> expected = planted.Vectors.Vector(f, table.Codes(planted.Vectors.Fields[f])[rows[b]]);
                Assert.Equal(expected.ToArray(), batch.Vectors[value].data<float>().ToArray());
            }
    }

    [Fact]
    public void The_number_of_scenes_is_that_of_distinct_rows()
    {
        using var planted = new PlantedTable(500);
        ImpressionTable table = planted.Table;
        int expected = Enumerable.Range(0, 500).Select(r => string.Join(",", planted.Vectors.Fields.Select(f => table.Codes(f)[r]))).Distinct().Count();
        Assert.Equal(expected, new SceneRows(table, planted.Vectors).Count);
    }

    [Fact]
    public void Vectors_are_centred_and_scaled_by_the_values_of_the_training_part()
    {
        using var planted = new PlantedTable(500);
        for (int f = 0; f < planted.Vectors.Fields.Count; f++)
        {
            int[] codes = [.. Columns.Pick(planted.Table.Codes(planted.Vectors.Fields[f]), planted.Table.RowsOf(Part.Train)).Distinct()];
            float[][] vectors = [.. codes.Select(c => planted.Vectors.Vector(f, c).ToArray())];
            Assert.Equal(0, vectors.Average(v => v[3]), 1e-4);
            Assert.Equal(1, vectors.Average(v => v.Average(x => x * x)), 1e-4);
        }
    }

    [Theory]
    [InlineData(float.NaN, 4, "not finite")]
    [InlineData(1f, 5, "a vector of 5; expected 4")]
    public void A_bad_vector_is_refused_by_name(float value, int length, string message)
    {
        using var planted = new PlantedTable(50);
        var error = Assert.Throws<InputException>(() => SceneVectors.From(planted.Table, (field, v) => v == "meal 2" ? [.. Enumerable.Repeat(value, length)] : [1, 2, 3, 4]));
        Assert.Contains("meal \"meal 2\"", error.Message);
        Assert.Contains(message, error.Message);
    }
}
