using System.Text.Json;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public sealed class HuggingFaceFolderTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly TextTokenizer tokenizer = SmallModel.Tokenizer();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void A_saved_model_loads_with_the_same_bits(bool tied, bool bias, bool norm)
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = tokenizer.VocabularySize, TiedHead = tied, AttentionBias = bias, QueryKeyNorm = norm, RopeTheta = 5000 }, 1);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.Float32);
        (Decoder loaded, TextTokenizer read) = HuggingFaceFolder.Load(folder.Path);
        using (loaded)
        {
            Assert.Equal(decoder.Config, loaded.Config);
            Assert.Equal(DecoderTests.Bits(decoder), DecoderTests.Bits(loaded));
            Assert.Equal(tokenizer.Hash, read.Hash);
        }
    }

    [Fact]
    public void The_checkpoint_has_the_approved_names_and_shapes()
    {
        using var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = 300, Layers = 1, TiedHead = false, QueryKeyNorm = true }, 1);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.BFloat16);
        using var reader = new SafetensorsReader(folder.At("model.safetensors"));
        Assert.Equal("""
            lm_head.weight BFloat16 [300, 32]
            model.embed_tokens.weight BFloat16 [300, 32]
            model.layers.0.input_layernorm.weight BFloat16 [32]
            model.layers.0.mlp.down_proj.weight BFloat16 [32, 48]
            model.layers.0.mlp.gate_proj.weight BFloat16 [48, 32]
            model.layers.0.mlp.up_proj.weight BFloat16 [48, 32]
            model.layers.0.post_attention_layernorm.weight BFloat16 [32]
            model.layers.0.self_attn.k_norm.weight BFloat16 [8]
            model.layers.0.self_attn.k_proj.weight BFloat16 [16, 32]
            model.layers.0.self_attn.o_proj.weight BFloat16 [32, 32]
            model.layers.0.self_attn.q_norm.weight BFloat16 [8]
            model.layers.0.self_attn.q_proj.weight BFloat16 [32, 32]
            model.layers.0.self_attn.v_proj.weight BFloat16 [16, 32]
            model.norm.weight BFloat16 [32]
            """.ReplaceLineEndings("\n"),
            string.Join("\n", reader.Entries.Values.OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => $"{e.Name} {e.Type} [{string.Join(", ", e.Shape)}]")));
    }

    [Fact]
    public void Shards_and_a_body_without_prefix_are_read()
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.Float32);
        using (var reader = new SafetensorsReader(folder.At("model.safetensors")))
        {
            var all = reader.Entries.Keys.Select(n => (Name: n["model.".Length..], Tensor: reader.Read(n))).ToList();
            SafetensorsWriter.Write(folder.At("one.safetensors"), all[..5], ScalarType.Float32);
            SafetensorsWriter.Write(folder.At("two.safetensors"), all[5..], ScalarType.Float32);
            folder.Write("model.safetensors.index.json", JsonSerializer.Serialize(
                new { weight_map = all.Select((t, i) => (t.Name, File: i < 5 ? "one.safetensors" : "two.safetensors")).ToDictionary(t => t.Name, t => t.File) }));
        }
        File.Delete(folder.At("model.safetensors"));
        (Decoder loaded, _) = HuggingFaceFolder.Load(folder.Path);
        using (loaded) Assert.Equal(DecoderTests.Bits(decoder), DecoderTests.Bits(loaded));
        File.Delete(folder.At("two.safetensors"));
        Refused("two.safetensors");
    }

    [Theory]
    [InlineData("\"llama\"", "\"gpt2\"", "llama, mistral, qwen2 or qwen3")]
    [InlineData("\"silu\"", "\"gelu\"", "silu")]
    [InlineData("\"hidden_size\": 32", "\"hidden_size\": 16", "shape")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "layers.2.input_layernorm.weight is missing")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "no place")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": -2", "positive")]
    [InlineData("\"vocab_size\"", "\"vocab\"", "vocab_size is missing")]
    [InlineData("\"attention_bias\": false", "\"rope_scaling\": {\"rope_type\": \"yarn\"}", "no rotary scaling")]
    [InlineData("{", "[", "malformed")]
    public void A_configuration_that_does_not_fit_is_refused(string was, string becomes, string says)
    {
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.Float32);
        string config = File.ReadAllText(folder.At("config.json"));
        Assert.Contains(was, config);
        folder.Write("config.json", config.Replace(was, becomes, StringComparison.Ordinal));
        Refused(says);
    }

    [Fact]
    public void A_sliding_window_limits_the_length()
    {
        string file = folder.Write("config.json", """
            {"model_type":"mistral","vocab_size":10,"hidden_size":64,"num_hidden_layers":1,"num_attention_heads":4,"intermediate_size":8,
             "max_position_embeddings":32768,"sliding_window":4096,"rope_theta":10000.0,"rms_norm_eps":1e-05}
            """);
        DecoderConfig config = DecoderConfigFile.Read(file);
        Assert.Equal((4096, 16, 4, false), (config.MaxLength, config.HeadWidth, config.KeyValueHeads, config.TiedHead));
    }

    void Refused(string says)
    {
        string message = Assert.Throws<InputException>(() => HuggingFaceFolder.Load(folder.Path)).Message;
        Assert.Contains(says, message);
        Assert.DoesNotContain('\n', message);
    }
}
