using System.Text.Json.Nodes;
using Larr.Model;
using Larr.Tests.Embed;

namespace Larr.Tests.Cli;

/// <summary><c>larr embed --source</c>: a column of a file without an experiment.</summary>
[Collection("torch")]
public sealed class EmbedCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public EmbedCommandTests()
    {
        using TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16);
        encoder.Save(_folder.At("encoder"), SmallEncoder.Tokenizer());
        _folder.Write("weather.csv", "id,weather\n1,sunny\n2,light rain\n3,sunny\n4,sleet\n");
    }

    Task<(int Exit, string Output, string Error)> Embed(params string[] more) => Command.Run(
        ["embed", "--source", _folder.At("weather.csv"), "--column", "weather", "--model", _folder.At("encoder"), "--threads", "1", "--json", .. more]);

    [Fact]
    public async Task A_column_is_embedded_and_counted()
    {
        (int exit, string output, string error) = await Embed("--out", _folder.At("out"), "--template", "the weather is {value}", "--width", "8", "--quantize", "int8");
        Assert.True(exit == 0, error);
        JsonNode result = JsonNode.Parse(output)!;
        Assert.Equal((4, 1, 3), ((int)result["report"]!["rows"]!, (int)result["report"]!["duplicates"]!, (int)result["report"]!["vectors"]!));
        Assert.Equal("lastToken, first 8 of 16, int8", (string)result["identity"]!["pooling"]!);
        Assert.InRange((double)result["cost"]!["meanCosineToFull"]!, 0.1, 1);
        Assert.True(File.Exists(_folder.At("out/part-00000.parquet")));
    }

    [Theory]
    [InlineData("--shard", "3/3", "I/N")]
    [InlineData("--template", "the weather", "{value}")]
    [InlineData("--width", "17", "from 1 to the model's 16")]
    [InlineData("--source", "weather.txt", "the ending '.txt'")]
    [InlineData("--model", "nowhere", "nowhere")]
    public async Task Wrong_options_are_one_line_and_exit_code_2(string option, string value, string mention)
    {
        string[] args = ["embed", "--source", _folder.At("weather.csv"), "--column", "weather", "--model", _folder.At("encoder"), "--out", _folder.At("wrong"), option, value];
        int first = Array.IndexOf(args, option);
        if (first < args.Length - 2) args = [.. args[..first], .. args[(first + 2)..]]; // given twice: the last one counts
        (int exit, _, string error) = await Command.Run(args);
        Assert.Equal(2, exit);
        Assert.Contains(mention, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task An_output_folder_is_asked_for()
    {
        (int exit, _, string error) = await Embed();
        Assert.Equal(2, exit);
        Assert.Contains("--out", error);
    }

    public void Dispose() => _folder.Dispose();
}
