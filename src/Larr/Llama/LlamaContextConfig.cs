namespace Larr.Llama;

/// <summary>What a context is made for.</summary>
public sealed record LlamaContextConfig
{
    /// <summary>Most tokens in one batch, all sequences together.</summary>
    public required int Tokens { get; init; }

    /// <summary>Most sequences in one batch. Default: 1. llama.cpp allows 256.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Whether hidden states after the last norm are wanted and no logits. Default: logits.</summary>
    public bool Hidden { get; init; }

    /// <summary>
    /// Whether keys, values and attention are kept in float32 and computed plainly, as the comparison with another implementation needs
    /// it. Default: false, float16 and fused attention where llama.cpp thinks fit: faster, and off by about 1e-3.
    /// </summary>
    public bool Exact { get; init; }
}
