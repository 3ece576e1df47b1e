using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Ctr;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class AlignStageTests
{
    static readonly AlignConfig s_config = new() { Width = 16, Heads = 2, Dimension = 8, BatchSize = 256, Epochs = 3, Patience = 3, LearningRate = 1e-2, Lambda = 1, Temperature = .2 };

    [Fact]
    public void Clicked_items_come_nearer_to_their_scenes_and_the_encoder_starts_a_click_model()
    {
        using var planted = new PlantedTable(4000, users: 50, items: 12, calls: 2);
        StageContext context = planted.Context("align");

        AlignReport report = AlignStage.Run(s_config, planted.Table, planted.Vectors, context);

        Assert.True(report.PositiveCosine - report.NegativeCosine > report.PositiveCosineBefore - report.NegativeCosineBefore + .05, $"{report}");
        Assert.True(report.ValidationAuc > .55);
        using var items = new SafetensorsReader(context.File("item-embeddings.safetensors"));
        Assert.Equal([StringFile.Read(context.File("item-embeddings.values")).Length, 8], items.Entries["items"].Shape);

        var ctr = new CtrConfig { EmbeddingDimension = 8, Hidden = [16], Epochs = 1 };
        CtrRun run = CtrTrainer.Train(planted.Table, ctr with { LearningRate = 1e-12 }, s_config, planted.Vectors, 1, context.Folder, context);
        using CtrModel model = run.Model;
        using var encoder = new SafetensorsReader(context.File(SceneArtefact.WeightsFile));
        using TorchSharp.torch.Tensor saved = encoder.Read("agg");
        Assert.True(TorchSharp.torch.allclose(saved, model.Scene!.get_parameter("agg")!, 1e-4, 1e-6));

        var error = Assert.Throws<InputException>(() =>
            CtrTrainer.Train(planted.Table, ctr with { EmbeddingDimension = 4 }, s_config, planted.Vectors, 1, context.Folder, context));
        Assert.Contains("down.", error.Message);
    }

    [Theory]
    [InlineData(null, 12)]
    [InlineData(3, 3)] // fewer rows than items
    [InlineData(5000, 12)] // more
    public void Every_item_has_the_embedding_of_its_row_though_items_share_rows_by_hash(int? hash, int rows)
    {
        using var planted = new PlantedTable(600, users: 5, items: 12, itemHash: hash);
        StageContext context = planted.Context("align");
        AlignStage.Run(s_config with { Epochs = 1 }, planted.Table, planted.Vectors, context);
        Assert.Equal(12, StringFile.Read(context.File("item-embeddings.values")).Length);
        using var reader = new SafetensorsReader(context.File("item-embeddings.safetensors"));
        using TorchSharp.torch.Tensor items = reader.Read("items");
        Assert.InRange(items.data<float>().ToArray().Chunk(8).Select(row => string.Join(' ', row)).Distinct().Count(), hash is 3 ? 2 : rows, rows);
    }

    [Fact]
    public void A_step_size_under_which_the_loss_is_no_number_is_named()
    {
        using var planted = new PlantedTable(600);
        InputException error = Assert.Throws<InputException>(() => AlignStage.Run(s_config with { LearningRate = 1e30 }, planted.Table, planted.Vectors, planted.Context("align")));
        Assert.Contains("align.learningRate: found 1E+30; expected a smaller one", error.Message);
    }

    [Fact]
    public void Without_a_scene_there_is_nothing_to_align()
    {
        using var planted = new PlantedTable(50);
        Assert.Throws<InputException>(() => AlignStage.Run(s_config with { Scene = SceneAggregation.None }, planted.Table, planted.Vectors, planted.Context("align")));
    }
}
