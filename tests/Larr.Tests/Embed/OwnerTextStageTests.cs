using Larr.Align;
using Larr.Data;
using Larr.Embed;
using Larr.Model;
using Larr.Tests.Corpus;

namespace Larr.Tests.Embed;

[Collection("torch")]
public sealed class OwnerTextStageTests
{
    static SmallTable Table() => new(
        [new("u", "s", "sunny", "lunch", 1), new("v", "t", "light rain", "lunch", 0, Part.Test), new("u", "s", "sunny", "lunch", 0), new("v", "s", "sunny", "dinner", 0)],
        new Dictionary<string, (string, string)> { ["s"] = ("noodle house", "soup"), ["t"] = ("tea corner", "tea") });

    [Fact]
    public void Every_item_has_the_vector_of_its_text_and_users_without_texts_have_none()
    {
        using SmallTable table = Table();
        using StageFolder model = new(), stage = new();
        using (TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16)) encoder.Save(model.Path, SmallEncoder.Tokenizer());
        OwnerTextReport report = OwnerTextStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context);
        Assert.Equal([new KeyValuePair<string, int>("shop", 2)], report.Owners);
        using var column = new ColumnFile<float>(Path.Combine(stage.Path, "shop.text.f32"));
        using PackedEmbedder embedder = PackedEmbedder.Load(model.Path, new EmbedConfig());
        float[][] expected = embedder.Run("<|name|> noodle house <|category|> soup", "<|name|> tea corner <|category|> tea").Vectors;
        Assert.Equal([.. expected[0], .. expected[1]], column.Span.ToArray());
    }

    [Fact]
    public void Every_distinct_scene_is_read_once_as_one_text()
    {
        using SmallTable table = Table();
        using StageFolder model = new(), stage = new();
        using (TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16)) encoder.Save(model.Path, SmallEncoder.Tokenizer());
        WholeSceneReport report = WholeSceneStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context);
        Assert.Equal(3, report.Scenes);
        SceneVectors vectors = WholeSceneStage.Read(stage.Path, table.Table);
        Assert.True(vectors.Whole);
        using PackedEmbedder embedder = PackedEmbedder.Load(model.Path, new EmbedConfig());
        float[] raw = embedder.Run("the weather is light rain, it is lunch").Vectors[0];
        for (int i = 0; i < raw.Length; i++) Assert.Equal((raw[i] - vectors.Mean(0)[i]) / vectors.Deviation(0), vectors.Vector(0, 1)[i], 1e-4);
    }
}
