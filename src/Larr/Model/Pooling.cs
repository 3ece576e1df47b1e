namespace Larr.Model;

/// <summary>How the hidden states of a text become one vector.</summary>
public enum Pooling
{
    /// <summary>Mean over the text's tokens.</summary>
    Mean,

    /// <summary>The last token's state, which the embedding token at the end of the text asks for.</summary>
    LastToken,
}
