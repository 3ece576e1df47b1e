using System.Text.Json;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Size of the low-rank changes of a decoder (LoRA, arXiv 2106.09685).</summary>
public sealed record LowRankConfig
{
    /// <summary>r, rank of each change. Default 16.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>alpha: a change counts alpha / r times. Default 32.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>The maps that change, in every layer. Default: all.</summary>
    public IReadOnlyList<LowRankTarget> Targets { get; init; } = Enum.GetValues<LowRankTarget>();
}

/// <summary>All low-rank changes of a decoder: added, saved as an adapter of their own, merged into the weights.</summary>
public static class LowRankAdapter
{
    /// <summary>Freezes the decoder and gives the maps that <paramref name="config"/> names their changes.</summary>
    public static void Add(Decoder decoder, LowRankConfig config, int seed)
    {
        if (config.Rank < 1) throw new ArgumentException($"rank {config.Rank}; expected at least 1");
        using var generator = new Generator((ulong)seed, CPU);
        foreach (var parameter in decoder.parameters()) parameter.requires_grad_(false);
        foreach (DecoderLayer layer in decoder.layers)
            foreach (LowRankTarget target in config.Targets.Distinct().Order())
            {
                (Projection map, long begin, long count, _) = Place(decoder, layer, target);
                map.Adapt(target.ToString().ToLowerInvariant(), begin, count, config.Rank, config.Alpha, generator);
            }
    }

    /// <summary>Adds the changes to the weights; afterwards the decoder computes the same without them.</summary>
    public static void Merge(Decoder decoder)
    {
        foreach (Projection map in decoder.modules().OfType<Projection>()) map.Merge();
    }

    /// <summary>
    /// Writes <c>adapter_model.safetensors</c> and <c>adapter_config.json</c> under the names that the PEFT library uses. Where the
    /// decoder got new tokens, the token embedding (and a free head) is saved too, as that library does after a resize.
    /// </summary>
    /// <param name="decoder">The decoder, its changes not merged.</param>
    /// <param name="config">The changes.</param>
    /// <param name="baseModel">Name of the model that the adapter belongs to.</param>
    /// <param name="withEmbeddings">Are the token rows saved too?</param>
    /// <param name="folder">Where to.</param>
    public static void Save(Decoder decoder, LowRankConfig config, string baseModel, bool withEmbeddings, string folder)
    {
        Directory.CreateDirectory(folder);
        List<(string, Tensor)> tensors = [];
        foreach ((int index, DecoderLayer layer) in decoder.layers.Index())
            foreach (LowRankTarget target in config.Targets.Distinct().Order())
            {
                (Projection map, long begin, _, string name) = Place(decoder, layer, target);
                LowRank change = map.ChangeAt(begin);
                string prefix = $"base_model.model.model.layers.{index}.{name}.";
                tensors.Add((prefix + "lora_A.weight", change.a));
                tensors.Add((prefix + "lora_B.weight", change.b));
            }
        if (withEmbeddings)
        {
            tensors.Add(("base_model.model.model.embed_tokens.weight", decoder.EmbeddingWeight));
            if (!decoder.Config.TiedHead) tensors.Add(("base_model.model.lm_head.weight", decoder.HeadWeight));
        }
        SafetensorsWriter.Write(Path.Combine(folder, "adapter_model.safetensors"), tensors, ScalarType.Float32);
        var description = new
        {
            peft_type = "LORA",
            task_type = "CAUSAL_LM",
            base_model_name_or_path = baseModel,
            r = config.Rank,
            lora_alpha = config.Alpha,
            lora_dropout = 0.0,
            bias = "none",
            fan_in_fan_out = false,
            inference_mode = true,
            target_modules = config.Targets.Distinct().Order().Select(t => Place(decoder, decoder.layers[0], t).Name.Split('.')[1]),
        };
        File.WriteAllBytes(Path.Combine(folder, "adapter_config.json"), JsonSerializer.SerializeToUtf8Bytes(description, s_indented));
    }

    static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The fused map that holds a target, the target's outputs in it, and its name in a Hugging Face layer.</summary>
    static (Projection Map, long Begin, long Count, string Name) Place(Decoder decoder, DecoderLayer layer, LowRankTarget target)
    {
        DecoderConfig c = decoder.Config;
        long q = c.Heads * c.HeadWidth, kv = c.KeyValueHeads * c.HeadWidth;
        return target switch
        {
            LowRankTarget.Query => (layer.attention.qkv, 0, q, "self_attn.q_proj"),
            LowRankTarget.Key => (layer.attention.qkv, q, kv, "self_attn.k_proj"),
            LowRankTarget.Value => (layer.attention.qkv, q + kv, kv, "self_attn.v_proj"),
            LowRankTarget.Output => (layer.attention.output, 0, c.Width, "self_attn.o_proj"),
            LowRankTarget.Gate => (layer.feedForward.gateUp, 0, c.FeedForwardWidth, "mlp.gate_proj"),
            LowRankTarget.Up => (layer.feedForward.gateUp, c.FeedForwardWidth, c.FeedForwardWidth, "mlp.up_proj"),
            LowRankTarget.Down => (layer.feedForward.down, 0, c.Width, "mlp.down_proj"),
            _ => throw new ArgumentOutOfRangeException(nameof(target), target, "no such map"),
        };
    }
}
