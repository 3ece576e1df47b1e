using Larr.Data;
using Larr.Embed;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Corpus;
using Larr.Tokens;

namespace Larr.Tests.Embed;

[Collection("torch")]
public sealed class EmbedStageTests
{
    [Theory]
    [InlineData(Pooling.LastToken, 1)]
    [InlineData(Pooling.Mean, 0)]
    public void Every_value_is_embedded_once_and_the_saving_is_counted_by_hand(Pooling pooling, int suffix)
    {
        using var table = new SmallTable(
            [.. Enumerable.Repeat(new Shown("u", "s", "sunny", "lunch", 1), 5), new Shown("u", "s", "light rain", "lunch", 0, Part.Test), new Shown("u", "s", "sunny", "dinner", 0)]);
        using StageFolder model = new(), stage = new();
        TextTokenizer tokenizer = SmallEncoder.Tokenizer();
        using (TextEncoder encoder = SmallEncoder.Encoder(pooling, 16)) encoder.Save(model.Path, tokenizer);

        EmbedReport report = EmbedStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context);

        int Shared(string a, string b) => tokenizer.Encode(a).AsSpan().CommonPrefixLength(tokenizer.Encode(b));
        int T(string text) => tokenizer.Encode(text).Length;
        int sunny = T("the weather is sunny"), rain = T("the weather is light rain"), lunch = T("it is lunch"), dinner = T("it is dinner");
        Assert.Equal(sunny + rain + lunch + dinner + (4 * suffix), report.Tokens);
        Assert.Equal(report.Tokens - Shared("the weather is sunny", "the weather is light rain") - Shared("it is lunch", "it is dinner"), report.TokensComputed);
        Assert.Equal((6 * sunny) + rain + (6 * lunch) + dinner + (7 * suffix), report.FullSceneTokens);
        Assert.Equal((double)report.FullSceneTokens / report.Tokens, report.Ratio);
        Assert.Equal((7, 4, 0, 0), (report.Requests, report.Values, report.Duplicates, report.Cut));
        Assert.Equal(16, report.Identity.Dimension);

        VectorFile file = VectorFile.Read(Path.Combine(stage.Path, "vectors.parquet"));
        Assert.Equal(report.Identity, file.Identity);
        Assert.Equal(
            [new("weather", "sunny", "the weather is sunny", 6), new("weather", "light rain", "the weather is light rain", 0),
             new("period", "lunch", "it is lunch", 5), new("period", "dinner", "it is dinner", 1)], file.Rows);
        using PackedEmbedder embedder = PackedEmbedder.Load(model.Path, new EmbedConfig());
        Assert.Equal(embedder.Run([.. file.Rows.Select(r => r.Text)]).Vectors, file.Vectors);
        Assert.Equal(embedder.Identity(SceneTexts.TemplateHash(table.Table.FindAll(FieldRole.Scene))), file.Identity);
        Assert.Contains("\"fullSceneTokens\"", stage.Read("report.json"));
    }

    [Fact]
    public void A_scene_that_a_group_shows_several_items_is_one_request()
    {
        using var table = new SmallTable(
            [new Shown("ann", "s", "sunny", "lunch", 1), new Shown("ann", "t", "sunny", "lunch", 0), new Shown("ann", "s", "sunny", "dinner", 0), new Shown("bob", "s", "sunny", "lunch", 0)],
            grouped: true);
        using StageFolder model = new(), stage = new();
        TextTokenizer tokenizer = SmallEncoder.Tokenizer();
        using (TextEncoder encoder = SmallEncoder.Encoder(Pooling.Mean, 16)) encoder.Save(model.Path, tokenizer);

        EmbedReport report = EmbedStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context);

        int T(string text) => tokenizer.Encode(text).Length;
        Assert.Equal((3, (3 * T("the weather is sunny")) + (2 * T("it is lunch")) + T("it is dinner")), (report.Requests, report.FullSceneTokens));
    }

    [Fact]
    public void A_plain_model_folder_is_read_as_mean_pooling()
    {
        using var table = new SmallTable([new Shown("u", "s", "sunny", "lunch", 1)]);
        using StageFolder model = new(), stage = new();
        TextTokenizer tokenizer = SmallEncoder.Tokenizer();
        using (var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = tokenizer.VocabularySize }, seed: 1))
            HuggingFaceFolder.Save(decoder, tokenizer, model.Path, TorchSharp.torch.ScalarType.Float32);
        EmbedReport report = EmbedStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context);
        Assert.Equal(("mean", 32), (report.Identity.Pooling, report.Identity.Dimension));
    }

    [Fact]
    public void A_folder_without_a_model_is_one_line_of_complaint()
    {
        using var table = new SmallTable([new Shown("u", "s", "sunny", "lunch", 1)]);
        using StageFolder model = new(), stage = new();
        Assert.StartsWith(model.Path, Assert.Throws<InputException>(() => EmbedStage.Run(new EmbedConfig(), table.Table, model.Path, stage.Context)).Message);
    }
}
