using Larr.Model;
using Larr.Runs;

namespace Larr.Embed;

/// <summary>What computes the vectors.</summary>
public enum EmbedEngine
{
    /// <summary>The forward pass of our own.</summary>
    Packed,

    /// <summary>llama.cpp on the model exported as GGUF; its library must be there (<c>scripts/llama-cpp</c>).</summary>
    Llama,
}

/// <summary>How texts are embedded in bulk.</summary>
public sealed record EmbedConfig
{
    /// <summary>What computes the vectors. The engines agree to a cosine of 1 − 1e-5 in float32 and 1 − 1e-3 in bfloat16. Default: packed.</summary>
    public EmbedEngine Engine { get; init; } = EmbedEngine.Packed;

    /// <summary>Tokens that one thread computes at once. Larger batches leave the cache, smaller ones read the weights more often. Default: 512, measured fastest on a 135M model.</summary>
    public int BatchTokens { get; init; } = 512;

    /// <summary>Longest text in tokens, the embedding token among them; longer ones are cut at the end and counted. Default: 512, or what the model reads if that is less.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Type of the matrix products. Default: float32, whose vectors do not depend on the processor's kind.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Keeps the first components and brings them back to length one (Matryoshka, arXiv 2205.13147). Default: all.</summary>
    public int? Width { get; init; }

    /// <summary>Rounds the components as an index of that type would hold them. Default: none, float32.</summary>
    public Quantization Quantize { get; init; } = Quantization.None;

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("embed");
        ranges.AtLeast(1, BatchTokens, "batchTokens");
        ranges.AtLeast(2, MaxTokens, "maxTokens");
        ranges.AtLeast(1, Width ?? 1, "width");
    }
}
