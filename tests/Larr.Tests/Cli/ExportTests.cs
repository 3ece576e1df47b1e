using Larr.Gguf;
using Larr.Model;
using Larr.Tests.Embed;
using Larr.Tests.Model;
using TorchSharp;

namespace Larr.Tests.Cli;

/// <summary>The command that takes a model out to other tools.</summary>
[Collection("torch")]
public sealed class ExportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_encoders_artefact_becomes_a_plain_folder_with_the_same_weights()
    {
        string encoder = _folder.At("contrast/encoder"), plain = _folder.At("plain");
        using (TextEncoder made = SmallEncoder.Encoder(Pooling.LastToken, 16)) made.Save(encoder, SmallEncoder.Tokenizer());
        Assert.Equal(0, (await Command.Run("export", "hf", _folder.At("contrast"), plain)).Exit);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(plain).Select(Path.GetFileName).Order());
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(encoder, "model.safetensors"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(plain, "model.safetensors"), TestContext.Current.CancellationToken));

        Assert.Equal(0, (await Command.Run("export", "hf", plain, _folder.At("half"), "--type", "bf16")).Exit);
        using var reader = new SafetensorsReader(Path.Combine(_folder.At("half"), "model.safetensors"));
        Assert.All(reader.Entries.Values, e => Assert.Equal(torch.ScalarType.BFloat16, e.Type));

        (int exit, _, string error) = await Command.Run("export", "hf", plain, _folder.At("half"));
        Assert.Equal(2, exit);
        Assert.Contains("half", error);
    }

    [Fact]
    public async Task A_folder_becomes_a_GGUF_file_of_the_type_asked_for()
    {
        using (Decoder decoder = SmallModel.Decoder(SmallModel.Tokenizer())) HuggingFaceFolder.Save(decoder, SmallModel.Tokenizer(), _folder.At("model"), torch.ScalarType.Float32);
        (int exit, string output, string error) = await Command.Run("export", "gguf", _folder.At("model"), _folder.At("x.gguf"), "--type", "q8_0", "--headless");
        Assert.True(exit == 0, error);
        Assert.StartsWith(_folder.At("x.gguf"), output);
        using var reader = new GgufReader(_folder.At("x.gguf"));
        Assert.Equal(GgmlType.Q8_0, reader.Tensors["token_embd.weight"].Type);
        Assert.Equal("llama-embed", reader.Values.Text("general.architecture"));
    }

    [Fact]
    public async Task Bad_input_is_one_line()
    {
        await Refused("no model here", "gguf", _folder.Path, _folder.At("x.gguf"));
        await Refused("folder not found", "hf", _folder.At("none"), _folder.At("out"));
        await Refused("q4_k", "gguf", _folder.Path, _folder.At("x.gguf"), "--type", "q4_k");
        await Refused("q8_0", "hf", _folder.Path, _folder.At("out"), "--type", "q8_0");
    }

    static async Task Refused(string says, params string[] args)
    {
        (int exit, _, string error) = await Command.Run(["export", .. args]);
        Assert.Equal(2, exit);
        Assert.Contains(says, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
