using Larr.Llama;
using Larr.Tests.Cli;

namespace Larr.Tests.Llama;

/// <summary>A published model through our import, our export and llama.cpp says what its author wrote down.</summary>
[Collection("torch")]
public sealed class LlamaStoryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public LlamaStoryTests() => Assert.SkipWhen(LlamaLibrary.WhyAbsent is not null, LlamaLibrary.WhyAbsent ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stories260K_tells_its_documented_story_from_a_folder_and_from_a_GGUF_file()
    {
        string model = _folder.At("model"), file = _folder.At("stories.gguf"), story = GenerateTests.Documented();
        await Run("import", "llama2c", TestData.File("tinyllama", "stories260K.bin"), TestData.File("tinyllama", "tok512.bin"), model);
        await Run("export", "gguf", model, file);
        Assert.Equal(story, await Run("generate", model, "--engine", "llama", "--tokens", "257", "--greedy", "--threads", "1"));
        Assert.Equal(story, await Run("generate", file, "--tokens", "257", "--greedy", "--threads", "1"));

        Assert.Equal(story, await Run("generate", file, "--engine", "torch", "--tokens", "257", "--greedy", "--threads", "1"));

        string prompt = story[..story.IndexOf(" She loved", StringComparison.Ordinal)];
        string rest = await Run("generate", file, "--prompt", prompt, "--tokens", "40", "--greedy", "--threads", "1");
        Assert.StartsWith(rest.TrimEnd('\n'), story[prompt.Length..]);
        Assert.True(rest.Length > 60, rest);
    }

    static async Task<string> Run(params string[] args)
    {
        (int exit, string output, string error) = await Command.Run(args);
        Assert.True(exit == 0, error);
        return output;
    }
}
