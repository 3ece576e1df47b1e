using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;
using Larr.Serve;
using Larr.Tests.Ctr;

namespace Larr.Tests.Serve;

/// <summary>Fields of their own width and vectors made elsewhere, served as they were trained.</summary>
[Collection("torch")]
public sealed class CtrScorerFieldsTests
{
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 8, Hidden = [32, 16], SecondHidden = [24], GateWidth = 12, FusionHeads = 2, BatchSize = 256, Epochs = 1, LearningRate = 1e-2, MinCount = 10, HistoryLength = 6 };

    static int? Width(string field) => field switch { "item" => 5, "weather" => 1, "place" => 8, "user" => 3, _ => null };

    static CtrScorer Train(PlantedTable planted, CtrConfig ctr, SceneUse use, StageContext context)
    {
        CtrStage.Run(ctr, new AlignConfig { Width = 16, Heads = 2, Use = use }, planted.Table, planted.Vectors, null, context, fieldVectors: planted.Pictures());
        return CtrScorer.Load(context.Folder, f => SceneEncoder.Load(f, null, planted.RawVectors));
    }

    static void Fill(CtrRequest request, CtrScorer scorer, ImpressionTable table, int row)
    {
        string Value(string field) => table.Values(field)[table.Codes(field)[row]];
        for (int f = 0; f < scorer.Fields.Count; f++) request.Set(f, Value(scorer.Fields[f]));
        for (int f = 0; f < scorer.SceneFields.Count; f++) request.SetScene(f, Value(scorer.SceneFields[f]));
        for (int k = 0; k < scorer.Behaviours.Count; k++)
            foreach (int item in table.Behaviour(scorer.Behaviours[k])[row]) request.AddHistory(k, table.Values("item")[item]);
    }

    [Theory]
    [InlineData(BackboneKind.Lr, SceneUse.Field)]
    [InlineData(BackboneKind.Fm, SceneUse.FieldAndGate)]
    [InlineData(BackboneKind.DeepFm, SceneUse.Field)]
    [InlineData(BackboneKind.Dnn, SceneUse.AlignmentOnly)]
    [InlineData(BackboneKind.DcnV2, SceneUse.FieldAndGate)]
    [InlineData(BackboneKind.FinalMlp, SceneUse.Field)]
    [InlineData(BackboneKind.Din, SceneUse.Gate)]
    [InlineData(BackboneKind.TargetAttention, SceneUse.Field)]
    public void It_equals_the_trained_model_and_counts_what_has_no_vector(BackboneKind backbone, SceneUse use)
    {
        using var planted = new PlantedTable(1200, picture: true, width: Width);
        StageContext context = planted.Context("ctr");
        CtrScorer scorer = Train(planted, s_ctr with { Backbone = backbone, SceneProducts = true }, use, context);
        Assert.Equal("picture", scorer.Fields[^1]);
        using var expected = new ColumnFile<float>(context.File("test-click.f32"));
        int[] test = planted.Table.RowsOf(Part.Test);
        var request = new CtrRequest(scorer, 1);
        float[] click = new float[1];
        int without = 0;
        for (int i = 0; i < test.Length; i++)
        {
            request.Clear(1);
            Fill(request, scorer, planted.Table, test[i]);
            without += request.WithoutVector;
            scorer.Score(request, click, []);
            Assert.Equal(expected.Span[i], click[0], 1e-5);
        }
        Assert.Equal(planted.Pictures()!.Missing(planted.Table)["picture"][Part.Test], without);
        Assert.True(without > 0);
    }

    [Fact]
    public void A_key_that_no_impression_has_shown_has_its_vector_and_one_without_reads_as_missing()
    {
        using var planted = new PlantedTable(600, picture: true);
        CtrScorer scorer = Train(planted, s_ctr, SceneUse.Field, planted.Context("ctr"));
        float Score(string picture, int withoutVector)
        {
            var request = new CtrRequest(scorer, 1);
            Fill(request, scorer, planted.Table, 0);
            request.Clear(1);
            Fill(request, scorer, planted.Table, 0);
            int before = request.WithoutVector, unseen = request.Unseen;
            request.Set(0, scorer.Fields.Count - 1, picture);
            Assert.Equal((before + withoutVector, unseen), (request.WithoutVector, request.Unseen));
            float[] click = new float[1];
            scorer.Score(request, click, []);
            return click[0];
        }

        float missing = Score("picture 3", 1);
        Assert.Equal(missing, Score("nobody knows it", 1));
        Assert.Equal(missing, Score("", 1));
        Assert.NotEqual(missing, Score("a new picture", 0));
    }
}
