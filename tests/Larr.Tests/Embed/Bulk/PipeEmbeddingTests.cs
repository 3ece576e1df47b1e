using System.Text;
using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Embed.Bulk;
using Larr.Runs;

namespace Larr.Tests.Embed.Bulk;

[Collection("torch")]
public sealed class PipeEmbeddingTests
{
    static string[] Answers(byte[] lines, BulkConfig config)
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        using var output = new StringWriter();
        new PipeEmbedding(embedder, config).Run(new MemoryStream(lines), output, TestContext.Current.CancellationToken);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public void Every_line_has_its_answer_in_order(int block)
    {
        string[] answers = Answers(Encoding.UTF8.GetBytes("sunny\r\nlight rain\nsunny\n\nca\u00e9"), new BulkConfig { Source = "-", Bad = BadText.Count, BlockValues = block });
        using PackedEmbedder embedder = SmallEncoder.Embedder();
        float[][] expected = embedder.Run("sunny", "light rain", "ca\u00e9").Vectors;
        JsonNode[] nodes = [.. answers.Select(a => JsonNode.Parse(a)!)];
        Assert.Equal(["sunny", "light rain", "sunny", "", "ca\u00e9"], nodes.Select(n => (string)n["value"]!));
        Assert.Equal([expected[0], expected[1], expected[0], expected[2]], nodes.Where(n => n["error"] is null).Select(n => n["vector"]!.AsArray().Select(c => (float)c!).ToArray()));
        Assert.Equal("empty", (string)nodes[3]["error"]!);
        Assert.Equal(answers[0], answers[2]);
    }

    [Fact]
    public void A_bad_line_stops_the_pipe_if_it_is_not_counted() =>
        Assert.Contains("row 3", Assert.Throws<InputException>(() => Answers([.. "a\nb\n"u8, 0xe9, .. "\n"u8], new BulkConfig { Source = "-" })).Message);
}
