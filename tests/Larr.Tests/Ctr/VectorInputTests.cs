using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

/// <summary>What a model makes of frozen vectors, as it enters the network: its scale.</summary>
[Collection("torch")]
public sealed class VectorInputTests
{
    static readonly CtrConfig s_config = new() { EmbeddingDimension = 8, Hidden = [16], BatchSize = 128, Epochs = 15, LearningRate = 2e-2 };

    static void With(CtrConfig config, AlignConfig align, Action<CtrModel, CtrInputs, int[], StageContext> check)
    {
        using var scope = NewDisposeScope();
        using var planted = new PlantedTable(600, picture: true);
        ImpressionTable table = planted.Table;
        (TextFeatures texts, FieldVectors? pictures) = (TextFeaturesTests.Random(table), planted.Pictures());
        FeatureMap map = FeatureMap.Build(table, CtrInputs.FieldsOf(table, config), config.MinCount);
        using var model = new CtrModel(config, align, map, table, planted.Vectors, 1, texts, pictures);
        check(model, new CtrInputs(table, config, map, planted.Vectors, texts, pictures), table.RowsOf(Part.Train), planted.Context("ctr"));
    }

    /// <summary>Mean squared lengths, over some rows, of what the model makes of the item's text, the user's text, the picture and the scene.</summary>
    static double[] Lengths(CtrModel model, CtrInputs inputs, int[] rows)
    {
        using var grad = no_grad();
        return [.. Made(model, inputs, rows).Select(t => (double)t.square().sum(1).mean().item<float>())];
    }

    /// <summary>Those vectors, [rows, d] each: the last of the input.</summary>
    static Tensor[] Made(CtrModel model, CtrInputs inputs, int[] rows)
    {
        CtrBatch batch = inputs.Batch(rows, model.Embeddings, CPU, train: false);
        int d = model.Config.EmbeddingDimension, vectors = model.ReadsScene ? 4 : 3;
        Tensor input = model.Input(batch, model.SceneVectors(batch));
        return input.narrow(1, input.size(1) - (vectors * d), vectors * d).split(d, 1);
    }

    [Theory]
    [InlineData(SceneUse.Field)]
    [InlineData(SceneUse.FieldAndGate)]
    public void The_scale_is_a_factor_of_every_vector(SceneUse use)
    {
        double[] Of(double scale)
        {
            double[] lengths = [];
            With(s_config with { VectorScale = scale }, new AlignConfig { Scene = SceneAggregation.Encoder, Use = use, Width = 16, Heads = 2, Layers = 1 },
                (model, inputs, train, _) => lengths = Lengths(model, inputs, train));
            return lengths;
        }

        double[] whole = Of(1), tenth = Of(.1);
        Assert.Equal(4, whole.Length);
        for (int vector = 0; vector < 4; vector++) Assert.Equal(whole[vector] / 100, tenth[vector], 1e-4 * whole[vector]);
    }

    [Fact]
    public void With_one_over_their_width_vectors_move_as_slowly_as_embeddings()
    {
        // What one step of Adam changes: each weight by the step size, and so an output by the step size × the sum of |inputs| × the scale.
        double Moved(double scale)
        {
            double moved = 0;
            With(s_config with { VectorScale = scale, BatchSize = 600, Epochs = 1, LearningRate = 1e-3 }, new AlignConfig { Scene = SceneAggregation.None }, (model, inputs, train, context) =>
            {
                using var grad = no_grad();
                Tensor before = Made(model, inputs, train)[0].clone(); // of the item's text
                using (enable_grad()) new CtrFit(model, inputs, train, []).Run(model.Config, 1, fromHere: false, context);
                moved = (Made(model, inputs, train)[0] - before).abs().mean().item<float>();
            });
            return moved;
        }

        double alike = Moved(1d / TextFeaturesTests.Dimension);
        Assert.InRange(alike, 1e-4, 2e-3); // an embedding moves by 1e-3 at most
        Assert.InRange(Moved(1) / alike, TextFeaturesTests.Dimension / 2, 2 * TextFeaturesTests.Dimension);
    }

    [Fact]
    public void Beside_embeddings_that_a_strong_L2_holds_the_scale_is_one_over_the_width_of_each_kind_of_vector()
    {
        double[] Of(double embeddingL2)
        {
            double[] lengths = [];
            With(s_config with { EmbeddingL2 = embeddingL2 }, new AlignConfig { Scene = SceneAggregation.MeanPool }, (model, inputs, train, _) => lengths = Lengths(model, inputs, train));
            return lengths;
        }

        double[] whole = Of(.001), own = Of(.01);
        int[] widths = [TextFeaturesTests.Dimension, TextFeaturesTests.Dimension, PlantedTable.Categories + 1, PlantedTable.VectorWidth];
        for (int vector = 0; vector < 4; vector++) Assert.Equal(whole[vector] / (widths[vector] * widths[vector]), own[vector], 1e-4 * own[vector]);
    }

    [Fact]
    public void A_scale_out_of_range_is_refused() =>
        Assert.Contains("ctr.vectorScale: found 0; expected a number above 0", Assert.Throws<InputException>((s_config with { VectorScale = 0 }).Validate).Message);
}
