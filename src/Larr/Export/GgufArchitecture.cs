using Larr.Model;
using Larr.Runs;

namespace Larr.Export;

/// <summary>
/// The architectures that llama.cpp knows a decoder of ours as. Mistral's is that of Llama. <c>llama-embed</c> is Llama without output
/// head and key-value cache; there is no such form of Qwen's, so a headless Qwen is the same architecture without a free head's weights.
/// </summary>
public static class GgufArchitecture
{
    /// <summary>Llama without head.</summary>
    public const string LlamaEmbed = "llama-embed";

    /// <summary>The architecture of a decoder.</summary>
    /// <exception cref="InputException">llama.cpp has none that fits.</exception>
    public static string Of(DecoderConfig config, bool headless) => config switch
    {
        { QueryKeyNorm: true, AttentionBias: true } => throw new InputException("config.json", "attention_bias", "true", "false: llama.cpp's qwen3 has no biases"),
        { QueryKeyNorm: true } => "qwen3",
        { AttentionBias: true, OutputBias: false } => "qwen2",
        _ => headless ? LlamaEmbed : "llama",
    };

    /// <summary>
    /// Whether the rows of q and k are written for rotary pairs (2i, 2i + 1) instead of (i, i + d/2).
    /// </summary>
    public static bool Interleaved(string architecture) => architecture is "llama" or LlamaEmbed;
}
