using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Model;

/// <summary>
/// <see cref="RopeScaling"/> ↔ <c>rope_scaling</c> of a <c>config.json</c>, or <c>rope_parameters</c> as newer files call it.
/// </summary>
static class RopeScalingJson
{
    /// <summary>The scaling, the longest text that it makes of <paramref name="positions"/> (max_position_embeddings), and the base of the angles.</summary>
    public static (RopeScaling? Scaling, int MaxLength, double Theta) Read(JsonObject config, int positions, string file)
    {
        string place = config["rope_scaling"] is null ? "rope_parameters" : "rope_scaling";
        JsonNode? node = config[place];
        if (node is not null and not JsonObject) throw new InputException(file, place, node.ToJsonString(), "an object");
        double theta = (config["rope_theta"] ?? node?["rope_theta"])?.GetValue<double>() ?? 10000;
        string type = (node?["rope_type"] ?? node?["type"])?.GetValue<string>() ?? "default";
        if (node is null || type == "default") return (null, positions, theta);
        RopeScaling scaling = type switch
        {
            "linear" => new LinearScaling(Number("factor")),
            "dynamic" => new DynamicScaling(Number("factor"), Original()),
            "llama3" => new Llama3Scaling(Number("factor"), Number("low_freq_factor"), Number("high_freq_factor"), Original()),
            "yarn" => Yarn(),
            _ => throw new InputException(file, $"{place}.rope_type", type, "default, linear, dynamic, yarn or llama3"),
        };
        if (scaling is Llama3Scaling { } llama && llama.HighFrequencyFactor <= llama.LowFrequencyFactor)
            throw new InputException(file, $"{place}.high_freq_factor", $"{llama.HighFrequencyFactor}", $"more than low_freq_factor {llama.LowFrequencyFactor}");
        // The plain and the YaRN convention both leave max_position_embeddings at the original length or raise it; dynamic never raises it.
        int length = scaling switch
        {
            DynamicScaling d => Stretched(d.OriginalLength),
            YarnScaling y => Math.Max(positions, Stretched(y.OriginalLength)),
            _ => positions,
        };
        return (scaling, length, theta);

        int Stretched(int original) => (int)Math.Min(scaling.Factor * original, int.MaxValue);

        double Number(string key) => Optional(key) ?? throw new InputException(file, $"{place}.{key}", "nothing", "a number");

        double? Optional(string key) => node[key]?.GetValue<double>();

        int Original()
        {
            int original = node["original_max_position_embeddings"]?.GetValue<int>() ?? positions;
            return original > 0 ? original : throw new InputException(file, $"{place}.original_max_position_embeddings", $"{original}", "a positive number");
        }

        YarnScaling Yarn()
        {
            foreach (string key in (string[])["mscale", "mscale_all_dim"])
                if (node[key] is { } other) throw new InputException(file, $"{place}.{key}", other.ToJsonString(), "none; attention_factor is understood");
            return new YarnScaling(Number("factor"), Original())
            {
                BetaFast = Optional("beta_fast") ?? 32,
                BetaSlow = Optional("beta_slow") ?? 1,
                AttentionFactor = Optional("attention_factor"),
                Truncate = node["truncate"]?.GetValue<bool>() ?? true,
            };
        }
    }

    /// <summary>The node that <see cref="Read"/> reads; null for no scaling.</summary>
    public static JsonObject? Write(RopeScaling? scaling)
    {
        if (scaling is null) return null;
        var node = new JsonObject
        {
            ["rope_type"] = scaling switch { LinearScaling => "linear", DynamicScaling => "dynamic", Llama3Scaling => "llama3", _ => "yarn" },
            ["factor"] = scaling.Factor,
        };
        if (scaling is Llama3Scaling llama)
        {
            node["low_freq_factor"] = llama.LowFrequencyFactor;
            node["high_freq_factor"] = llama.HighFrequencyFactor;
            node["original_max_position_embeddings"] = llama.OriginalLength;
        }
        if (scaling is YarnScaling yarn)
        {
            node["original_max_position_embeddings"] = yarn.OriginalLength;
            node["beta_fast"] = yarn.BetaFast;
            node["beta_slow"] = yarn.BetaSlow;
            if (yarn.AttentionFactor is { } factor) node["attention_factor"] = factor;
            if (!yarn.Truncate) node["truncate"] = false;
        }
        return node;
    }
}
