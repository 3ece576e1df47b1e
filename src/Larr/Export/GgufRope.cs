using Larr.Model;
using Larr.Runs;

namespace Larr.Export;

/// <summary>Rotary positions in GGUF: base, stretching, and the length up to which llama.cpp computes what the decoder does.</summary>
static class GgufRope
{
    /// <summary>The tensor that holds Llama 3's factors.</summary>
    public const string FactorsName = "rope_freqs.weight";

    /// <summary>
    /// The longest text: llama.cpp has no "dynamic" stretching, which begins beyond the original length, and ignores the sliding windows of
    /// these architectures, which matter beyond their own.
    /// </summary>
    public static int MaxLength(DecoderConfig config)
    {
        int length = config.RopeScaling is DynamicScaling dynamic ? Math.Min(config.MaxLength, dynamic.OriginalLength) : config.MaxLength;
        return Math.Min(length, config.Window ?? length);
    }

    /// <summary>The keys of base and stretching.</summary>
    /// <exception cref="InputException">llama.cpp cannot compute the stretching.</exception>
    public static IEnumerable<KeyValuePair<string, object>> Keys(DecoderConfig config, string architecture)
    {
        string rope = $"{architecture}.rope.", scaling = rope + "scaling.";
        yield return new(rope + "dimension_count", (uint)config.HeadWidth);
        yield return new(rope + "freq_base", (float)config.RopeTheta);
        switch (config.RopeScaling)
        {
            case LinearScaling linear:
                yield return new(scaling + "type", "linear");
                yield return new(scaling + "factor", (float)linear.Factor);
                break;
            case YarnScaling yarn:
                if (!yarn.Truncate) throw new InputException("config.json", "rope_scaling.truncate", "false", "true: llama.cpp rounds the ramp's ends");
                yield return new(scaling + "type", "yarn");
                yield return new(scaling + "factor", (float)yarn.Factor);
                yield return new(scaling + "original_context_length", (uint)yarn.OriginalLength);
                yield return new(scaling + "yarn_beta_fast", (float)yarn.BetaFast);
                yield return new(scaling + "yarn_beta_slow", (float)yarn.BetaSlow);
                // llama.cpp multiplies by YaRN's own 0.1 · ln(factor) + 1.
                yield return new(scaling + "attn_factor", (float)(yarn.Magnitude / (0.1 * Math.Log(yarn.Factor) + 1)));
                break;
        }
    }

    /// <summary>What each pair's frequency is divided by, [d/2], of Llama 3's stretching; null of the others.</summary>
    /// <exception cref="InputException">llama.cpp's architecture has no such tensor.</exception>
    public static float[]? Factors(DecoderConfig config, string architecture)
    {
        if (config.RopeScaling is not Llama3Scaling scaling) return null;
        if (!GgufArchitecture.Interleaved(architecture)) throw new InputException("config.json", "rope_scaling", "llama3", $"a scaling that llama.cpp has for {architecture}");
        double[] plain = RopeScaling.Plain(config.HeadWidth, config.RopeTheta);
        return [.. scaling.Frequencies(config.HeadWidth, config.RopeTheta, config.MaxLength).Select((f, i) => (float)(plain[i] / f))];
    }
}
