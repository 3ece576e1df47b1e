using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public sealed class LowRankTests : IDisposable
{
    static readonly LowRankConfig config = new() { Rank = 3, Alpha = 6, Targets = [LowRankTarget.Query, LowRankTarget.Value, LowRankTarget.Up, LowRankTarget.Down] };

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_fresh_change_changes_nothing_and_only_changes_are_trained()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        Tensor ids = DecoderTests.Ids([1, 2, 3, 4]), before = decoder.forward(ids);
        LowRankAdapter.Add(decoder, config, 1);
        Assert.True(decoder.forward(ids).equal(before).all().item<bool>());
        decoder.forward(ids).square().sum().backward();
        string[] trained = [.. decoder.named_parameters().Where(p => p.parameter.grad is not null).Select(p => p.name)];
        Assert.Equal(2 * 4 * 2, trained.Length);
        Assert.All(trained, name => Assert.Matches(@"\.(query|value|up|down)\.[ab]$", name));
    }

    [Fact]
    public void Merged_weights_compute_what_the_changes_did()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        LowRankAdapter.Add(decoder, config, 1);
        Disturb(decoder);
        Tensor ids = DecoderTests.Ids([1, 2, 3, 4]), changed = decoder.forward(ids);
        LowRankAdapter.Merge(decoder);
        Assert.True(decoder.forward(ids).allclose(changed, 1e-4, 1e-5));
        LowRankAdapter.Merge(decoder); // nothing is left to merge
        Assert.True(decoder.forward(ids).allclose(changed, 1e-4, 1e-5));
    }

    [Fact]
    public void Recomputed_layers_train_their_changes_too()
    {
        using var scope = NewDisposeScope();
        using Decoder kept = new(DecoderConfig.Nano, 1), again = new(DecoderConfig.Nano, 1) { Recompute = true };
        foreach (Decoder decoder in new[] { kept, again })
        {
            LowRankAdapter.Add(decoder, config, 1);
            decoder.forward(DecoderTests.Ids([1, 2, 3, 4])).square().sum().backward();
        }
        Assert.All(
            kept.parameters().Zip(again.parameters()).Where(p => p.First.requires_grad),
            p => Assert.Equal(p.First.grad!.bytes.ToArray(), p.Second.grad!.bytes.ToArray()));
    }

    [Fact]
    public void An_adapter_has_the_names_and_shapes_of_the_peft_library()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { Layers = 1 }, 1);
        LowRankAdapter.Add(decoder, config, 1);
        LowRankAdapter.Save(decoder, config, "some/base", withEmbeddings: true, folder.Path);
        using var reader = new SafetensorsReader(folder.At("adapter_model.safetensors"));
        Assert.Equal("""
            base_model.model.model.embed_tokens.weight [96, 32]
            base_model.model.model.layers.0.mlp.down_proj.lora_A.weight [3, 48]
            base_model.model.model.layers.0.mlp.down_proj.lora_B.weight [32, 3]
            base_model.model.model.layers.0.mlp.up_proj.lora_A.weight [3, 32]
            base_model.model.model.layers.0.mlp.up_proj.lora_B.weight [48, 3]
            base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight [3, 32]
            base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight [32, 3]
            base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight [3, 32]
            base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight [16, 3]
            """.ReplaceLineEndings("\n"),
            string.Join("\n", reader.Entries.Select(e => $"{e.Key} [{string.Join(", ", reader.Read(e.Key).shape)}]").Order(StringComparer.Ordinal)));
        string description = File.ReadAllText(folder.At("adapter_config.json"));
        foreach (string part in new[] { "\"LORA\"", "\"r\": 3", "\"lora_alpha\": 6", "\"q_proj\"", "\"v_proj\"", "\"up_proj\"", "\"down_proj\"", "some/base" }) Assert.Contains(part, description);
    }

    [Fact]
    public void What_is_added_to_the_fused_map_is_the_products_of_its_parts()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { Layers = 1 }, 1);
        Tensor before = decoder.state_dict()["layers.0.attention.qkv.weight"].detach().clone();
        LowRankAdapter.Add(decoder, config, 1);
        Disturb(decoder);
        Dictionary<string, Tensor> weights = decoder.state_dict();
        Tensor query = weights["layers.0.attention.qkv.query.b"].matmul(weights["layers.0.attention.qkv.query.a"]) * 2; // alpha / r
        LowRankAdapter.Merge(decoder);
        Tensor added = decoder.state_dict()["layers.0.attention.qkv.weight"] - before;
        Assert.True(added.narrow(0, 0, 32).allclose(query, 1e-4, 1e-5));
        Assert.True(added.narrow(0, 32, 16).equal(0).all().item<bool>()); // keys have no change
    }

    static void Disturb(Decoder decoder)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(9);
        foreach (var p in decoder.parameters().Where(p => p.requires_grad)) p.add_(randn(p.shape, generator: generator) * 0.3);
    }
}
