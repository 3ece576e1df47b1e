using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Ctr;

/// <summary>L2 regularisation of the layers that make embeddings of frozen vectors.</summary>
[Collection("torch")]
public sealed class VectorL2Tests
{
    static readonly CtrConfig s_config = new() { EmbeddingDimension = 8, Hidden = [16], BatchSize = 128, Epochs = 15, LearningRate = 2e-2 };

    /// <summary>Mean squares after a training: of a layer of the scene, of the item's text, of the picture, and of the head.</summary>
    static double[] Trained(double vectorL2, SceneAggregation aggregation)
    {
        using var planted = new PlantedTable(600, picture: true);
        ImpressionTable table = planted.Table;
        CtrConfig config = s_config with { VectorL2 = vectorL2 };
        var align = new AlignConfig { Scene = aggregation, Width = 16, Heads = 2, Layers = 1, Lambda = 0 };
        (TextFeatures texts, FieldVectors? pictures) = (TextFeaturesTests.Random(table), planted.Pictures());
        FeatureMap map = FeatureMap.Build(table, CtrInputs.FieldsOf(table, config), config.MinCount);
        using var model = new CtrModel(config, align, map, table, planted.Vectors, 1, texts, pictures);
        // Without validation rows the last epoch's weights stay.
        new CtrFit(model, new CtrInputs(table, config, map, planted.Vectors, texts, pictures), table.RowsOf(Part.Train), []).Run(config, 1, fromHere: false, planted.Context("ctr"));
        string[] names = [$"scene.{(aggregation == SceneAggregation.MeanPool ? "project" : "down")}.weight", "texts.0.weight", "vectors.0.project.weight", "heads.weight"];
        return [.. names.Select(n => model.get_parameter(n)!.square().mean().item<float>())];
    }

    [Theory]
    [InlineData(SceneAggregation.MeanPool)]
    [InlineData(SceneAggregation.ConcatMlp)]
    [InlineData(SceneAggregation.AttentionPool)]
    [InlineData(SceneAggregation.Encoder)]
    public void It_shrinks_the_layers_of_vectors_and_no_others(SceneAggregation aggregation)
    {
        double[] free = Trained(0, aggregation), held = Trained(1, aggregation);
        for (int layer = 0; layer < 3; layer++) Assert.True(held[layer] < free[layer] / 10, $"{layer}: {held[layer]} of {free[layer]}");
        Assert.True(held[3] > free[3] / 2, $"{held[3]} of {free[3]}");
    }

    [Fact]
    public void It_cannot_be_negative()
    {
        using var planted = new PlantedTable(60);
        InputException error = Assert.Throws<InputException>(() => CtrTrainer.Train(
            planted.Table, s_config with { VectorL2 = -1 }, new AlignConfig { Scene = SceneAggregation.None }, null, 1, null, planted.Context("ctr")));
        Assert.Contains("ctr.vectorL2: found -1; expected 0 or more", error.Message);
    }
}
