using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Model;

/// <summary>Hugging Face's <c>config.json</c> ↔ <see cref="DecoderConfig"/>: llama, mistral, qwen2 and qwen3.</summary>
public static class DecoderConfigFile
{
    static readonly JsonSerializerOptions format = new() { WriteIndented = true };

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
            throw new InputException(file, e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>Writes a <c>config.json</c> for weights stored as <paramref name="storedType"/>, such as "bfloat16".</summary>
    public static void Write(DecoderConfig config, string file, string storedType, int beginId, int endId)
    {
        string family = Family(config);
        if (family == "qwen2" && config.HeadWidth * config.Heads != config.Width)
            throw new ArgumentException($"{nameof(config.HeadWidth)} {config.HeadWidth} is not {nameof(config.Width)} / {nameof(config.Heads)}, as qwen2 has it");
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(family switch { "qwen3" => "Qwen3ForCausalLM", "qwen2" => "Qwen2ForCausalLM", "mistral" => "MistralForCausalLM", _ => "LlamaForCausalLM" }),
            ["model_type"] = family,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.Width,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadWidth,
            ["intermediate_size"] = config.FeedForwardWidth,
            ["max_position_embeddings"] = config.RopeScaling is DynamicScaling dynamic ? dynamic.OriginalLength : config.MaxLength,
            ["rope_theta"] = config.RopeTheta,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["tie_word_embeddings"] = config.TiedHead,
            ["attention_bias"] = config.OutputBias,
            ["hidden_act"] = "silu",
            ["bos_token_id"] = beginId,
            ["eos_token_id"] = endId,
            ["torch_dtype"] = storedType,
        };
        if (family is "qwen2" or "mistral") json.Remove("attention_bias");
        if (RopeScalingJson.Write(config.RopeScaling) is { } scaling) json["rope_scaling"] = scaling;
        AttentionWindowJson.Write(config, family, json);
        File.WriteAllText(file, json.ToJsonString(format) + "\n");
    }

    // What the shape says; two families with one shape differ in nothing but their name.
    static string Family(DecoderConfig c) =>
        c.QueryKeyNorm ? "qwen3" : c.AttentionBias && !c.OutputBias ? "qwen2" : c.Window is null ? "llama"
        : c is { OutputBias: false, WindowFrom: 0 } ? "mistral" : throw new ArgumentException("no family has a window in some layers, or with a bias, without the biases or norms of Qwen");

    static DecoderConfig Parse(JsonObject json, string file)
    {
        string family = json["model_type"]?.GetValue<string>() ?? "nothing";
        if (family is not ("llama" or "mistral" or "qwen2" or "qwen3")) throw new InputException(file, "model_type", family, "llama, mistral, qwen2 or qwen3");
        Expect(json["hidden_act"] is null || json["hidden_act"]!.GetValue<string>() == "silu", "hidden_act", "silu");
        Expect(json["mlp_bias"]?.GetValue<bool>() != true, "mlp_bias", "false");
        Expect(json["partial_rotary_factor"] is null || json["partial_rotary_factor"]!.GetValue<double>() == 1, "partial_rotary_factor", "1");
        Expect(json["quantization_config"] is null, "quantization_config", "none: float weights");
        bool bias = json["attention_bias"]?.GetValue<bool>() ?? false;
        Expect(!bias || family is "llama" or "qwen3", "attention_bias", $"false for {family}");
        int width = Int("hidden_size"), heads = Int("num_attention_heads"), layers = Int("num_hidden_layers");
        (RopeScaling? scaling, int length, double theta) = RopeScalingJson.Read(json, Int("max_position_embeddings"), file);
        (int? window, int windowFrom) = AttentionWindowJson.Read(json, family, layers, file);
        return new DecoderConfig
        {
            VocabularySize = Int("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = json["num_key_value_heads"]?.GetValue<int>() ?? heads,
            HeadWidth = json["head_dim"]?.GetValue<int>() ?? (heads > 0 ? width / heads : 0),
            FeedForwardWidth = Int("intermediate_size"),
            MaxLength = length,
            RopeTheta = theta,
            RopeScaling = scaling,
            Window = window,
            WindowFrom = windowFrom,
            NormEpsilon = json["rms_norm_eps"]?.GetValue<double>() ?? 1e-6,
            TiedHead = json["tie_word_embeddings"]?.GetValue<bool>() ?? false,
            AttentionBias = bias || family == "qwen2",
            OutputBias = bias,
            QueryKeyNorm = family == "qwen3",
        };

        int Int(string key) => json[key]?.GetValue<int>() ?? throw new InputException(file, $"{key} is missing");

        void Expect(bool met, string key, string expected)
        {
            if (!met) throw new InputException(file, key, json[key]!.ToJsonString(), expected);
        }
    }
}
