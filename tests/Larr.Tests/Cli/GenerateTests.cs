namespace Larr.Tests.Cli;

/// <summary>Weights that nobody here trained say what their author wrote down: the proof that decoder and tokenizer are right.</summary>
[Collection("torch")]
public sealed class GenerateTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stories260K_tells_exactly_its_documented_story()
    {
        string model = await Import();
        (int exit, string output, string error) = await Command.Run("generate", model, "--tokens", "257", "--greedy", "--threads", "1");
        Assert.True(exit == 0, error);
        Assert.Equal(Documented(), output);
    }

    [Fact]
    public async Task A_prompt_is_continued_as_the_whole_text_would_be()
    {
        string model = await Import();
        string story = Documented();
        string prompt = story[..story.IndexOf(" She loved", StringComparison.Ordinal)];
        (int exit, string output, string error) = await Command.Run("generate", model, "--prompt", prompt, "--tokens", "40", "--greedy", "--threads", "1");
        Assert.True(exit == 0, error);
        Assert.StartsWith(output.TrimEnd('\n'), story[prompt.Length..]);
        Assert.True(output.Length > 60, output);
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_text_and_another_seed_another()
    {
        string model = await Import();
        async Task<string> Draw(string seed) =>
            (await Command.Run("generate", model, "--tokens", "30", "--temperature", "1.2", "--top-p", "0.95", "--seed", seed, "--threads", "1")).Output;
        string first = await Draw("1");
        Assert.Equal(first, await Draw("1"));
        Assert.NotEqual(first, await Draw("2"));
    }

    [Theory]
    [InlineData("--tokens", "0", "at least 1")]
    [InlineData("--tokens", "600", "at most 511")]
    [InlineData("--temperature", "0", "above 0")]
    [InlineData("--top-p", "1.5", "at most 1")]
    [InlineData("--engine", "abacus", "torch")]
    public async Task An_option_out_of_range_is_refused(string option, string value, string says)
    {
        (int exit, _, string error) = await Command.Run("generate", await Import(), option, value);
        Assert.Equal(2, exit);
        Assert.Contains(option, error);
        Assert.Contains(says, error);
    }

    async Task<string> Import()
    {
        string model = _folder.At("model");
        (int exit, _, string error) = await Command.Run(
            "import", "llama2c", TestData.File("tinyllama", "stories260K.bin"), TestData.File("tinyllama", "tok512.bin"), model);
        Assert.True(exit == 0, error);
        return model;
    }

    /// <summary>The text under the greedy command of stories260K.md.</summary>
    internal static string Documented()
    {
        string[] lines = File.ReadAllLines(TestData.File("tinyllama", "stories260K.md"));
        int command = Array.FindIndex(lines, l => l.EndsWith("-t 0.0", StringComparison.Ordinal));
        return string.Concat(lines.Skip(command + 1).TakeWhile(l => l != "```").Select(l => l + "\n"));
    }
}
