namespace Larr.Model;

/// <summary>What a token of a text sees of it while the text is embedded.</summary>
public enum TextAttention
{
    /// <summary>Itself and what stands before it, as in pre-training: beginnings that texts share have the same states.</summary>
    Causal,

    /// <summary>The whole text (as in LLM2Vec, arXiv 2404.05961). Nothing is shared between texts that differ.</summary>
    Bidirectional,
}
