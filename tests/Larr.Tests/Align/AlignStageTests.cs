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

    [Fact]
    public void Without_a_scene_there_is_nothing_to_align()
    {
        using var planted = new PlantedTable(50);
        Assert.Throws<InputException>(() => AlignStage.Run(s_config with { Scene = SceneAggregation.None }, planted.Table, planted.Vectors, planted.Context("align")));
    }
}
