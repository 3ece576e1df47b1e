using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using Larr.Serve;
using Larr.Tests.Ctr;

namespace Larr.Tests.Serve;

[Collection("torch")]
public sealed class CtrScorerTests
{
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 8, Hidden = [32, 16], SecondHidden = [24], GateWidth = 12, FusionHeads = 2, BatchSize = 256, Epochs = 1, LearningRate = 1e-2, MinCount = 10, HistoryLength = 6, VectorScale = .3 };
    static readonly AlignConfig s_align = new() { Width = 16, Heads = 2 };

    static (CtrScorer Scorer, ColumnFileFloats Expected) Trained(PlantedTable planted, CtrConfig ctr, AlignConfig align, TextFeatures? texts = null)
    {
        StageContext context = planted.Context("ctr");
        CtrStage.Run(ctr, align, planted.Table, planted.Vectors, null, context, texts);
        string conversions = context.File("test-ctcvr.f32");
        return (CtrScorer.Load(context.Folder, f => SceneEncoder.Load(f, null, planted.RawVectors)),
            new ColumnFileFloats(Floats(context.File("test-click.f32")), File.Exists(conversions) ? Floats(conversions) : []));
    }

    static float[] Floats(string path)
    {
        using var column = new ColumnFile<float>(path);
        return column.Span.ToArray();
    }

    sealed record ColumnFileFloats(float[] Click, float[] Conversion);

    static string Value(ImpressionTable table, string field, int row) => table.Values(field)[table.Codes(field)[row]];

    static void Fill(CtrRequest request, CtrScorer scorer, ImpressionTable table, int row)
    {
        for (int f = 0; f < scorer.Fields.Count; f++) request.Set(f, Value(table, scorer.Fields[f].Split(' ')[0], row));
        for (int f = 0; f < scorer.SceneFields.Count; f++) request.SetScene(f, Value(table, scorer.SceneFields[f], row));
        for (int k = 0; k < scorer.Behaviours.Count; k++)
            foreach (int item in table.Behaviour(scorer.Behaviours[k])[row]) request.AddHistory(k, table.Values("item")[item]);
    }

    [Theory]
    [InlineData(BackboneKind.Dnn, SceneUse.Field, true, true)]
    [InlineData(BackboneKind.DcnV2, SceneUse.FieldAndGate, true, false)]
    [InlineData(BackboneKind.Din, SceneUse.Gate, true, true)]
    [InlineData(BackboneKind.Din, SceneUse.AlignmentOnly, false, false)]
    [InlineData(BackboneKind.Lr, SceneUse.Field, false, false)]
    [InlineData(BackboneKind.Fm, SceneUse.FieldAndGate, false, true)]
    [InlineData(BackboneKind.DeepFm, SceneUse.Field, true, false)]
    [InlineData(BackboneKind.TargetAttention, SceneUse.Gate, false, false)]
    [InlineData(BackboneKind.FinalMlp, SceneUse.FieldAndGate, true, true)]
    [InlineData(BackboneKind.FinalMlp, SceneUse.AlignmentOnly, false, false)]
    public void It_equals_the_trained_model(BackboneKind backbone, SceneUse use, bool batchNorm, bool products)
    {
        using var planted = new PlantedTable(1200);
        (CtrScorer scorer, ColumnFileFloats expected) = Trained(planted, s_ctr with { Backbone = backbone, BatchNorm = batchNorm, SceneProducts = products }, s_align with { Use = use });
        Assert.Equal(use == SceneUse.AlignmentOnly, scorer.Scenes is null);
        var request = new CtrRequest(scorer, 1);
        (float[] click, float[] conversion) = (new float[1], new float[1]);
        int[] test = planted.Table.RowsOf(Part.Test);
        int unseen = 0;
        for (int i = 0; i < test.Length; i++)
        {
            request.Clear(1);
            Fill(request, scorer, planted.Table, test[i]);
            scorer.Score(request, click, conversion);
            unseen += request.Unseen;
            Assert.Equal(expected.Click[i], click[0], 1e-5);
            Assert.Equal(expected.Conversion[i], conversion[0], 1e-5);
        }
        Assert.True(unseen > 0, "rare users and items share their field's row");
    }

    [Theory]
    [InlineData(BackboneKind.DeepFm, SceneUse.FieldAndGate, false)]
    [InlineData(BackboneKind.DeepFm, SceneUse.FieldAndGate, true)]
    [InlineData(BackboneKind.Din, SceneUse.Field, true)]
    [InlineData(BackboneKind.Din, SceneUse.AlignmentOnly, true)]
    public void Texts_of_items_and_users_are_served_from_their_projections(BackboneKind backbone, SceneUse use, bool products)
    {
        using var planted = new PlantedTable(1200);
        (CtrScorer scorer, ColumnFileFloats expected) = Trained(planted, s_ctr with { Backbone = backbone, UseUserId = false, SceneProducts = products }, s_align with { Use = use }, TextFeaturesTests.Random(planted.Table));
        Assert.Equal(["item text", "user text"], scorer.Fields.TakeLast(2));
        var request = new CtrRequest(scorer, 1);
        float[] click = new float[1];
        int[] test = planted.Table.RowsOf(Part.Test);
        for (int i = 0; i < test.Length; i++)
        {
            request.Clear(1);
            Fill(request, scorer, planted.Table, test[i]);
            scorer.Score(request, click, []);
            Assert.Equal(expected.Click[i], click[0], 1e-5);
        }
    }

    [Theory]
    [InlineData(BackboneKind.DcnV2)]
    [InlineData(BackboneKind.Din)]
    [InlineData(BackboneKind.FinalMlp)]
    public void Many_candidates_score_as_each_alone_and_nothing_is_allocated(BackboneKind backbone)
    {
        using var planted = new PlantedTable(1200);
        (CtrScorer scorer, _) = Trained(planted, s_ctr with { Backbone = backbone, MinCount = 1 }, s_align with { Use = SceneUse.FieldAndGate });
        IReadOnlyList<string> items = planted.Table.Values("item");
        (var many, var one) = (new CtrRequest(scorer, 200), new CtrRequest(scorer, 1));
        many.Clear(100);
        Fill(many, scorer, planted.Table, 1100);
        for (int c = 0; c < many.Count; c++) many.Set(c, 0, items[c]);
        (float[] click, float[] conversion, float[] alone) = (new float[100], new float[100], new float[1]);
        scorer.Score(many, click, conversion);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 8; i++) scorer.Score(many, click, conversion);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        for (int c = 0; c < many.Count; c++)
        {
            one.Clear(1);
            Fill(one, scorer, planted.Table, 1100);
            one.Set(0, 0, items[c]);
            scorer.Score(one, alone, []);
            Assert.Equal(alone[0], click[c], 1e-6);
        }
        Assert.True(click.Distinct().Count() > 20);
        many.Clear(0);
        scorer.Score(many, click, conversion);
    }

    [Theory]
    [InlineData(BackboneKind.DeepFm, 6)]
    [InlineData(BackboneKind.Dnn, 6)]
    [InlineData(BackboneKind.FinalMlp, 6)]
    [InlineData(BackboneKind.Dnn, 1)] // of two tags the first falls out
    public void Numbers_are_bucketised_and_scaled_and_tags_averaged_as_in_training(BackboneKind backbone, int historyLength)
    {
        using var data = new NumbersAndTags(1000);
        (ImpressionTable table, StageContext context) = (data.Table, data.Context);
        // A tag that is too rare for a row of its own is read as its field's out-of-vocabulary row.
        CtrStage.Run(s_ctr with { Backbone = backbone, MinCount = 300, HistoryLength = historyLength }, s_align with { Scene = SceneAggregation.None }, table, null, null, context);
        CtrScorer scorer = CtrScorer.Load(context.Folder, live: null);
        Assert.Equal(["tags"], scorer.Tags);
        float[] expected = Floats(context.File("test-click.f32")), click = new float[1];
        int[] test = table.RowsOf(Part.Test);
        var request = new CtrRequest(scorer, 1);
        int unseen = 0;
        for (int i = 0; i < test.Length; i++)
        {
            request.Clear(1);
            request.Set(0, "the item");
            foreach (string number in new[] { "bump", "slope" }) request.Set(0, scorer.Fields.ToList().IndexOf(number), table.Numbers(number)[test[i]]);
            foreach (int tag in table.Tags("tags")[test[i]]) request.AddTag(0, table.Values("tags")[tag]);
            unseen += request.Unseen;
            scorer.Score(request, click, []);
            Assert.Equal(expected[i], click[0], 1e-5);
        }
        Assert.True(unseen > test.Length / 2, "the three cold tags are rare");
        Assert.Contains("a number", Assert.Throws<InputException>(() => request.Set(1, "much")).Message);
        Assert.Contains("finite", Assert.Throws<InputException>(() => request.Set(0, 1, float.PositiveInfinity)).Message);
    }

    [Fact]
    public void Each_candidate_has_tags_of_its_own_or_those_of_all_or_none_and_nothing_is_allocated()
    {
        using var data = new NumbersAndTags(500);
        CtrStage.Run(s_ctr with { HistoryLength = 2 }, s_align with { Scene = SceneAggregation.None }, data.Table, null, null, data.Context);
        CtrScorer scorer = CtrScorer.Load(data.Context.Folder, live: null);
        float[] Scores(params string[][] tags)
        {
            var request = new CtrRequest(scorer, tags.Length);
            float[] click = new float[tags.Length];
            void Fill()
            {
                request.Clear(tags.Length);
                for (int f = 0; f < scorer.Fields.Count; f++) request.Set(f, f == 0 ? "the item" : ".5");
                for (int c = 0; c < tags.Length; c++)
                    for (int t = 0; t < tags[c].Length; t++) request.AddTag(c, 0, tags[c][t]);
                scorer.Score(request, click, []);
            }

            Fill();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Fill();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            return click;
        }

        float[] own = Scores(["hot"], [], ["cold", "hot"], ["warm", "cold", "hot"], ["hot"]);
        Assert.Equal(own[0], own[4], 1e-6);
        Assert.Equal(own[2], own[3], 1e-6); // the model reads the last two
        Assert.Equal(3, own.Select(p => Math.Round(p, 5)).Distinct().Count());
        Assert.Equal(own[1], Scores([], ["hot"])[0], 1e-6);
        var all = new CtrRequest(scorer, 2);
        for (int f = 0; f < scorer.Fields.Count; f++) all.Set(f, f == 0 ? "the item" : ".5");
        all.AddTag(0, "hot");
        float[] both = new float[2];
        scorer.Score(all, both, []);
        Assert.All(both, p => Assert.Equal(own[0], p, 1e-6));
    }

    [Fact]
    public void A_feature_map_of_another_model_is_refused_though_it_is_whole_and_as_long()
    {
        using var planted = new PlantedTable(600);
        StageContext context = planted.Context("ctr");
        CtrStage.Run(s_ctr with { MinCount = 1 }, s_align with { Scene = SceneAggregation.None }, planted.Table, null, null, context);
        string map = context.File("features.json"), vocabulary = context.File("features.0.values"), model = context.File("ctr.json");
        string[] known = StringFile.Read(vocabulary), other = [.. known.Reverse()];
        StringFile.Write(vocabulary, other);
        File.WriteAllText(map, File.ReadAllText(map).Replace(FeatureField.FingerprintOf(known), FeatureField.FingerprintOf(other), StringComparison.Ordinal));
        Assert.Equal(known.Length, FeatureMapFolder.Load(context.Folder, planted.Table).Known(0).Count); // in itself it is a map
        foreach (Action load in new Action[] { () => CtrScorer.Load(context.Folder, live: null), () => CtrModelFolder.Load(context.Folder, planted.Table, null).Dispose() })
            Assert.Matches(@"features\.json: feature map: found that of another model, [0-9a-f]{16}; expected [0-9a-f]{16}, with which that of .*ctr\.json was trained", Assert.Throws<InputException>(load).Message);
        CtrModelFolder.Saved saved = ConfigReader.Read<CtrModelFolder.Saved>(model, []);
        File.WriteAllText(model, File.ReadAllText(model).Replace($"\"{saved.Features}\"", "null", StringComparison.Ordinal));
        Assert.Contains("ctr.json: features: found no hash", Assert.Throws<InputException>(() => CtrScorer.Load(context.Folder, live: null)).Message);
    }

    [Fact]
    public void What_training_never_saw_is_counted_and_what_was_not_set_is_named()
    {
        using var planted = new PlantedTable(600);
        (CtrScorer scorer, _) = Trained(planted, s_ctr, s_align);
        var request = new CtrRequest(scorer, 2);
        request.Set(0, "a new item");
        request.SetScene(1, "a new meal");
        Assert.Equal((1, 1), (request.Unseen, request.UnseenScene));
        Assert.Contains($"candidate 0, {scorer.Fields[1]}", Assert.Throws<InputException>(() => scorer.Score(request, new float[2], [])).Message);
        for (int f = 0; f < scorer.Fields.Count; f++) request.Set(f, "");
        Assert.Contains("scene, weather", Assert.Throws<InputException>(() => scorer.Score(request, new float[2], [])).Message);
    }

    [Fact]
    public void A_missing_model_and_a_missing_index_are_named()
    {
        using var planted = new PlantedTable(600);
        StageContext context = planted.Context("ctr");
        Assert.Contains("ctr.json", Assert.Throws<InputException>(() => CtrScorer.Load(context.Folder, live: null)).Message);
        CtrStage.Run(s_ctr, s_align, planted.Table, planted.Vectors, null, context);
        Assert.Contains("no index", Assert.Throws<InputException>(() => CtrScorer.Load(context.Folder, live: null)).Message);
    }
}
