using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

/// <summary>What a model makes of frozen vectors, as it enters the network: its L2 regularisation and its scale.</summary>
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

    /// <summary>Those vectors, [rows, d] each.</summary>
    static List<Tensor> Made(CtrModel model, CtrInputs inputs, int[] rows)
    {
        CtrBatch batch = inputs.Batch(rows, model.Embeddings, CPU, train: false);
        var made = new List<Tensor>();
        model.Input(batch, model.SceneVectors(batch), made);
        return made;
    }

    [Theory]
    [InlineData(SceneAggregation.MeanPool, SceneUse.Field, 4)]
    [InlineData(SceneAggregation.Encoder, SceneUse.FieldAndGate, 4)]
    [InlineData(SceneAggregation.Encoder, SceneUse.AlignmentOnly, 3)]
    public void L2_adds_half_the_mean_squared_length_of_each_vector_to_the_loss(SceneAggregation aggregation, SceneUse use, int vectors)
    {
        var align = new AlignConfig { Scene = aggregation, Use = use, Width = 16, Heads = 2, Layers = 1 };
        double FirstLoss(double vectorL2, out double[] lengths)
        {
            double[] before = [];
            double first = double.NaN;
            With(s_config with { VectorL2 = vectorL2, BatchSize = 600, Dropout = 0, Epochs = 1 }, align, (model, inputs, train, context) =>
            {
                before = Lengths(model, inputs, train);
                new CtrFit(model, inputs, train, [], loss => first = loss).Run(model.Config, 1, fromHere: false, context);
            });
            lengths = before;
            return first;
        }

        double penalty = FirstLoss(.3, out double[] lengths) - FirstLoss(0, out _);
        Assert.Equal(vectors, lengths.Length);
        Assert.Equal(.3 / 2 * lengths.Sum(), penalty, 1e-4 * lengths.Sum());
    }

    [Theory]
    [InlineData(SceneAggregation.MeanPool)]
    [InlineData(SceneAggregation.ConcatMlp)]
    [InlineData(SceneAggregation.AttentionPool)]
    [InlineData(SceneAggregation.Encoder)]
    public void L2_shrinks_the_vectors_and_not_the_embeddings_beside_them(SceneAggregation aggregation)
    {
        var align = new AlignConfig { Scene = aggregation, Width = 16, Heads = 2, Layers = 1, Lambda = 0 };
        double[] Trained(double vectorL2)
        {
            double[] lengths = [];
            With(s_config with { VectorL2 = vectorL2 }, align, (model, inputs, train, context) =>
            {
                // Without validation rows the last epoch's weights stay.
                new CtrFit(model, inputs, train, []).Run(model.Config, 1, fromHere: false, context);
                model.eval();
                lengths = [.. Lengths(model, inputs, train), model.Embeddings.Weights.Average(w => w * w)];
            });
            return lengths;
        }

        double[] free = Trained(0), held = Trained(1);
        Assert.Equal(5, free.Length);
        for (int vector = 0; vector < 4; vector++) Assert.True(held[vector] < free[vector] / 4, $"{vector}: {held[vector]} of {free[vector]}");
        Assert.True(held[4] > free[4] / 2, $"{held[4]} of {free[4]}");
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

    [Theory]
    [InlineData(-1, 1, "ctr.vectorL2: found -1; expected 0 or more")]
    [InlineData(0, 0, "ctr.vectorScale: found 0; expected a number above 0")]
    public void What_is_out_of_range_is_refused(double vectorL2, double vectorScale, string message)
    {
        using var planted = new PlantedTable(60);
        InputException error = Assert.Throws<InputException>(() => CtrTrainer.Train(
            planted.Table, s_config with { VectorL2 = vectorL2, VectorScale = vectorScale }, new AlignConfig { Scene = SceneAggregation.None }, null, 1, null, planted.Context("ctr")));
        Assert.Contains(message, error.Message);
    }
}
