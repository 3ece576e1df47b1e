using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

/// <summary>L2 regularisation of what a model makes of frozen vectors.</summary>
[Collection("torch")]
public sealed class VectorL2Tests
{
    static readonly CtrConfig s_config = new() { EmbeddingDimension = 8, Hidden = [16], BatchSize = 128, Epochs = 15, LearningRate = 2e-2 };

    /// <summary>Mean squares after a training: of the item's text, the user's text, the picture and the scene in the input, and of the head's weights.</summary>
    static double[] Trained(double vectorL2, SceneAggregation aggregation)
    {
        using var scope = NewDisposeScope();
        using var planted = new PlantedTable(600, picture: true);
        ImpressionTable table = planted.Table;
        CtrConfig config = s_config with { VectorL2 = vectorL2 };
        var align = new AlignConfig { Scene = aggregation, Width = 16, Heads = 2, Layers = 1, Lambda = 0 };
        (TextFeatures texts, FieldVectors? pictures) = (TextFeaturesTests.Random(table), planted.Pictures());
        FeatureMap map = FeatureMap.Build(table, CtrInputs.FieldsOf(table, config), config.MinCount);
        using var model = new CtrModel(config, align, map, table, planted.Vectors, 1, texts, pictures);
        var inputs = new CtrInputs(table, config, map, planted.Vectors, texts, pictures);
        int[] train = table.RowsOf(Part.Train);
        // Without validation rows the last epoch's weights stay.
        new CtrFit(model, inputs, train, []).Run(config, 1, fromHere: false, planted.Context("ctr"));

        using var grad = no_grad();
        model.eval();
        CtrBatch batch = inputs.Batch(train, model.Embeddings, CPU, train: false);
        var made = new List<Tensor>();
        model.Input(batch, model.SceneVectors(batch), made);
        return [.. made.Append(model.get_parameter("heads.weight")!).Select(t => (double)t.square().mean().item<float>())];
    }

    [Theory]
    [InlineData(SceneAggregation.MeanPool)]
    [InlineData(SceneAggregation.ConcatMlp)]
    [InlineData(SceneAggregation.AttentionPool)]
    [InlineData(SceneAggregation.Encoder)]
    public void It_shrinks_what_is_made_of_vectors_and_nothing_else(SceneAggregation aggregation)
    {
        double[] free = Trained(0, aggregation), held = Trained(1, aggregation);
        Assert.Equal(5, free.Length);
        for (int part = 0; part < 4; part++) Assert.True(held[part] < free[part] / 4, $"{part}: {held[part]} of {free[part]}");
        Assert.True(held[4] > free[4] / 2, $"{held[4]} of {free[4]}");
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
