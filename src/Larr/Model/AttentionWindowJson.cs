using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Model;

/// <summary>
/// A <c>config.json</c>'s sliding window ↔ <see cref="DecoderConfig.Window"/>. Mistral has it in every layer; Qwen where use_sliding_window
/// is on, from layer max_window_layers on, or as layer_types lists; Llama never.
/// </summary>
static class AttentionWindowJson
{
    const int QwenDefaultFrom = 28;

    /// <summary>Width of the window, and the first layer that has it; null where no layer has.</summary>
    public static (int? Window, int From) Read(JsonObject config, string family, int layers, string file)
    {
        bool on = family switch { "mistral" => true, "llama" => false, _ => config["use_sliding_window"]?.GetValue<bool>() ?? false };
        if (!on || config["sliding_window"] is not { } width) return (null, 0);
        int from = family == "mistral" ? 0 : config["max_window_layers"]?.GetValue<int>() ?? QwenDefaultFrom;
        if (config["layer_types"] is JsonArray types) from = FirstWindowed([.. types.Select(t => t?.GetValue<string>() ?? "")], layers, file);
        if (from < 0) throw new InputException(file, "max_window_layers", $"{from}", "at least 0");
        return from < layers ? (width.GetValue<int>(), from) : (null, 0);
    }

    /// <summary>Adds the keys that <see cref="Read"/> reads.</summary>
    public static void Write(DecoderConfig config, string family, JsonObject json)
    {
        if (config.Window is not { } window) return;
        json["sliding_window"] = window;
        if (family == "mistral") return;
        json["use_sliding_window"] = true;
        json["max_window_layers"] = config.WindowFrom;
    }

    static int FirstWindowed(string[] types, int layers, string file)
    {
        if (types.Length != layers) throw new InputException(file, "layer_types", $"{types.Length} layers", $"num_hidden_layers {layers}");
        int from = Array.IndexOf(types, "sliding_attention");
        if (from < 0) from = layers;
        for (int i = 0; i < layers; i++)
            if (types[i] != (i < from ? "full_attention" : "sliding_attention"))
                throw new InputException(file, $"layer_types[{i}]", types[i], "full_attention up to some layer, sliding_attention from there on");
        return from;
    }
}
