using System.Text.Json.Nodes;
using Larr.Model;
using Larr.Tests.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Cli;

/// <summary>A checkpoint that is damaged or not understood gives exit code 2 and one line that names the file and what is wrong.</summary>
[Collection("torch")]
public sealed class CheckpointInputTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public CheckpointInputTests()
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, _folder.Path, ScalarType.Float32);
    }

    [Fact]
    public async Task A_good_checkpoint_speaks() => Assert.Equal(0, (await Generate()).Exit);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.001)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public async Task Weights_that_are_cut_off(double share)
    {
        using (FileStream stream = File.OpenWrite(_folder.At("model.safetensors"))) stream.SetLength((long)(share * stream.Length));
        await Refused("model.safetensors");
    }

    [Fact]
    public async Task Weights_whose_header_is_damaged()
    {
        byte[] bytes = File.ReadAllBytes(_folder.At("model.safetensors"));
        bytes[20] = (byte)'}';
        File.WriteAllBytes(_folder.At("model.safetensors"), bytes);
        await Refused("model.safetensors", "header");
    }

    [Fact]
    public async Task A_configuration_that_contradicts_its_tensors()
    {
        Change("config.json", json => json["intermediate_size"] = 50);
        await Refused("mlp.gate_proj.weight", "found shape [48, 32]", "[50, 32]");
    }

    [Fact]
    public async Task A_vocabulary_larger_than_the_embedding()
    {
        Change("config.json", json => json["vocab_size"] = 10);
        await Refused("config.json", "vocab_size", "found 10");
    }

    [Fact]
    public async Task An_unknown_architecture()
    {
        Change("config.json", json => json["model_type"] = "mamba");
        await Refused("config.json", "model_type", "found mamba", "llama, mistral, qwen2 or qwen3");
    }

    [Fact]
    public async Task A_tokenizer_without_an_end_token()
    {
        Change("tokenizer.json", json => json["added_tokens"]![0]!["content"] = "<|other|>");
        await Refused("tokenizer.json", "no end token");
    }

    [Fact]
    public async Task A_tokenizer_of_another_kind()
    {
        Change("tokenizer.json", json => json["model"]!["type"] = "Unigram");
        await Refused("tokenizer.json", "model.type", "Unigram");
    }

    [Fact]
    public async Task A_folder_without_a_model() => Assert.Contains("none: folder not found", (await Command.Run("generate", _folder.At("none"))).Error);

    [Theory]
    [InlineData("weights")]
    [InlineData("tokenizer")]
    public async Task A_llama2c_file_that_is_none(string which)
    {
        string junk = _folder.Write("junk.bin", "this is no model at all, nor is it a vocabulary");
        string weights = TestData.File("tinyllama", "stories260K.bin"), vocabulary = TestData.File("tinyllama", "tok512.bin");
        (int exit, _, string error) = await Command.Run("import", "llama2c", which == "weights" ? junk : weights, which == "tokenizer" ? junk : vocabulary, _folder.At("out"));
        Assert.Equal(2, exit);
        Assert.Contains("junk.bin", error);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    Task<(int Exit, string Output, string Error)> Generate() => Command.Run("generate", _folder.Path, "--prompt", "coffee", "--tokens", "3", "--greedy", "--threads", "1");

    async Task Refused(params string[] mentions)
    {
        (int exit, string output, string error) = await Generate();
        Assert.True(exit == 2, error);
        Assert.Equal("", output);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        foreach (string mention in mentions) Assert.Contains(mention, line);
    }

    void Change(string file, Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(_folder.At(file)))!;
        change(json);
        _folder.Write(file, json.ToJsonString());
    }
}
