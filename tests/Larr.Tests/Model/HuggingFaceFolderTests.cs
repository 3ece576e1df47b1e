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
        WriteShards(decoder, map => map);
        (Decoder loaded, _) = HuggingFaceFolder.Load(folder.Path);
        using (loaded) Assert.Equal(DecoderTests.Bits(decoder), DecoderTests.Bits(loaded));
        File.Delete(folder.At("two.safetensors"));
        Refused("two.safetensors");
    }

    [Fact]
    public void Index_and_shards_must_tell_of_the_same_tensors()
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        WriteShards(decoder, map => map.Where(t => t.Key != "norm.weight").ToDictionary());
        Refused("weight_map.norm.weight: found nothing; expected two.safetensors");
        WriteShards(decoder, map => { map["norm.weight"] = "one.safetensors"; return map; });
        Refused("weight_map.norm.weight: found one.safetensors; expected two.safetensors");
        WriteShards(decoder, map => { map["extra"] = "one.safetensors"; return map; });
        Refused("one.safetensors: tensor extra is missing");
        WriteShards(decoder, map => { map["norm.weight"] = "../two.safetensors"; return map; });
        Refused("a file of this folder");
        folder.Write("model.safetensors.index.json", "{\"weight_map\": [1]}");
        Refused("malformed");
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.9)]
    [InlineData(0.9999)]
    public void A_shard_that_is_cut_off_is_named(double share)
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        WriteShards(decoder, map => map);
        using (FileStream stream = File.OpenWrite(folder.At("two.safetensors"))) stream.SetLength((long)(share * stream.Length));
        Refused("two.safetensors: ");
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Saved_again_every_tensor_has_the_same_bytes(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = 320, TiedHead = false, AttentionBias = true, OutputBias = true, QueryKeyNorm = true }, 1);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, type);
        (Decoder loaded, TextTokenizer read) = HuggingFaceFolder.Load(folder.Path);
        using Decoder owned = loaded;
        HuggingFaceFolder.Save(loaded, read, folder.At("again"), type);
        foreach (string file in (string[])["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
            Assert.Equal(File.ReadAllBytes(folder.At(file)), File.ReadAllBytes(folder.At("again/" + file)));
    }

    void WriteShards(Decoder decoder, Func<Dictionary<string, string>, Dictionary<string, string>> change)
    {
        HuggingFaceFolder.Save(decoder, tokenizer, folder.Path, ScalarType.Float32);
        using (var reader = new SafetensorsReader(folder.At("model.safetensors")))
        {
            var all = reader.Entries.Keys.Select(n => (Name: n["model.".Length..], Tensor: reader.Read(n))).ToList();
            SafetensorsWriter.Write(folder.At("one.safetensors"), all[..5], ScalarType.Float32);
            SafetensorsWriter.Write(folder.At("two.safetensors"), all[5..], ScalarType.Float32);
            Dictionary<string, string> map = all.Select((t, i) => (t.Name, File: i < 5 ? "one.safetensors" : "two.safetensors")).ToDictionary(t => t.Name, t => t.File);
            folder.Write("model.safetensors.index.json", JsonSerializer.Serialize(new { weight_map = change(map) }));
        }
        File.Delete(folder.At("model.safetensors"));
    }

    [Theory]
    [InlineData("\"llama\"", "\"gpt2\"", "llama, mistral, qwen2 or qwen3")]
    [InlineData("\"silu\"", "\"gelu\"", "silu")]
    [InlineData("\"hidden_size\": 32", "\"hidden_size\": 16", "shape")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "layers.2.input_layernorm.weight is missing")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "no place")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": -2", "positive")]
    [InlineData("\"vocab_size\"", "\"vocab\"", "vocab_size is missing")]
    [InlineData("\"attention_bias\": false", "\"rope_scaling\": {\"rope_type\": \"longrope\"}", "default, linear, dynamic, yarn or llama3")]
    [InlineData("\"attention_bias\": false", "\"quantization_config\": {\"quant_method\": \"gptq\"}", "float weights")]
    [InlineData("\"hidden_act\": \"silu\"", "\"partial_rotary_factor\": 0.5", "expected 1")]
    [InlineData("\"rope_theta\": 10000", "\"rope_theta\": \"big\"", "malformed")]
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

    void Refused(string says)
    {
        string message = Assert.Throws<InputException>(() => HuggingFaceFolder.Load(folder.Path)).Message;
        Assert.Contains(says, message);
        Assert.DoesNotContain('\n', message);
    }
}
