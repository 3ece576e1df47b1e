using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Model;

/// <summary>
/// Hugging Face's <c>config.json</c> ↔ <see cref="DecoderConfig"/>: llama, mistral, qwen2 and qwen3 without rotary scaling.
/// A sliding attention window is read as the longest sequence, within which it changes nothing.
/// </summary>
public static class DecoderConfigFile
{
    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <exception cref="InputException">The file is missing or malformed, or the architecture is one that the decoder does not have.</exception>
    public static DecoderConfig Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "file not found");
        try
        {
            JsonObject json = JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new JsonException();
            DecoderConfig config = Parse(json, file);
            config.Validate();
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException(file, "content", "malformed JSON", "a model configuration");
        }
        catch (ArgumentException e)
        {
            throw new InputException(file, e.Message);
        }
    }

    /// <summary>Writes a <c>config.json</c> for weights stored as <paramref name="storedType"/>, such as "bfloat16".</summary>
    public static void Write(DecoderConfig config, string file, string storedType, int endId)
    {
        string family = config.QueryKeyNorm ? "qwen3" : config.AttentionBias ? "qwen2" : "llama";
        if (family == "qwen2" && config.HeadWidth * config.Heads != config.Width)
            throw new ArgumentException($"{nameof(config.HeadWidth)} {config.HeadWidth} is not {nameof(config.Width)} / {nameof(config.Heads)}, as qwen2 has it");
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(family switch { "qwen3" => "Qwen3ForCausalLM", "qwen2" => "Qwen2ForCausalLM", _ => "LlamaForCausalLM" }),
            ["model_type"] = family,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.Width,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadWidth,
            ["intermediate_size"] = config.FeedForwardWidth,
            ["max_position_embeddings"] = config.MaxLength,
            ["rope_theta"] = config.RopeTheta,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["tie_word_embeddings"] = config.TiedHead,
            ["attention_bias"] = false,
            ["hidden_act"] = "silu",
            ["bos_token_id"] = endId,
            ["eos_token_id"] = endId,
            ["torch_dtype"] = storedType,
        };
        if (family == "qwen2") json.Remove("attention_bias");
        File.WriteAllText(file, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    static DecoderConfig Parse(JsonObject json, string file)
    {
        string family = json["model_type"]?.GetValue<string>() ?? "nothing";
        if (family is not ("llama" or "mistral" or "qwen2" or "qwen3")) throw new InputException(file, "model_type", family, "llama, mistral, qwen2 or qwen3");
        JsonNode? scaling = json["rope_scaling"] ?? json["rope_parameters"];
        Expect(json["hidden_act"] is null || json["hidden_act"]!.GetValue<string>() == "silu", "hidden_act", "silu");
        Expect(json["attention_bias"]?.GetValue<bool>() != true, "attention_bias", "false");
        Expect(json["mlp_bias"]?.GetValue<bool>() != true, "mlp_bias", "false");
        string scalingType = (scaling?["rope_type"] ?? scaling?["type"])?.GetValue<string>() ?? "default";
        Expect(scalingType == "default", "rope_scaling", "no rotary scaling");
        int width = Int("hidden_size"), heads = Int("num_attention_heads"), length = Int("max_position_embeddings");
        bool window = json["sliding_window"] is not null && (json["use_sliding_window"]?.GetValue<bool>() ?? true);
        return new DecoderConfig
        {
            VocabularySize = Int("vocab_size"),
            Width = width,
            Layers = Int("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = json["num_key_value_heads"]?.GetValue<int>() ?? heads,
            HeadWidth = json["head_dim"]?.GetValue<int>() ?? (heads > 0 ? width / heads : 0),
            FeedForwardWidth = Int("intermediate_size"),
            MaxLength = window ? Math.Min(length, Int("sliding_window")) : length,
            RopeTheta = (json["rope_theta"] ?? scaling?["rope_theta"])?.GetValue<double>() ?? 10000,
            NormEpsilon = json["rms_norm_eps"]?.GetValue<double>() ?? 1e-6,
            TiedHead = json["tie_word_embeddings"]?.GetValue<bool>() ?? false,
            AttentionBias = family == "qwen2",
            QueryKeyNorm = family == "qwen3",
        };

        int Int(string key) => json[key]?.GetValue<int>() ?? throw new InputException(file, $"{key} is missing");

        void Expect(bool met, string key, string expected)
        {
            if (!met) throw new InputException(file, key, json[key]?.ToJsonString() ?? scaling?.ToJsonString() ?? "nothing", expected);
        }
    }
}
