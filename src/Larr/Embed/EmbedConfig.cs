using Larr.Model;

namespace Larr.Embed;

/// <summary>How texts are embedded in bulk.</summary>
public sealed record EmbedConfig
{
    /// <summary>Tokens in one forward pass. Larger ones use the cores better until their states leave the cache. Default: 2048.</summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>Longest text in tokens, the embedding token among them; longer ones are cut at the end and counted. Default: 512, or what the model reads if that is less.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Type of the matrix products. Default: float32, whose vectors do not depend on the processor's kind.</summary>
    public Precision Precision { get; init; } = Precision.Float32;
}
