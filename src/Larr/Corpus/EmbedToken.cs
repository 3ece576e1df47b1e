namespace Larr.Corpus;

/// <summary>The special token whose hidden state is the embedding of the text before it (LARR stage 2, arXiv 2408.11523; the token's name is our choice).</summary>
public static class EmbedToken
{
    /// <summary>The token, appended to a text that is embedded by its last token.</summary>
    public const string Text = "<|emb|>";
}
