namespace Larr.Tokens;

/// <summary>The part of a tokeniser between its added tokens: plain text → ids, and a token → the bytes it stands for.</summary>
abstract class Subwords
{
    /// <summary>Appends the ids of a text without added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="first">Whether it begins the whole text, that is, no added token stands before it.</param>
    /// <param name="ids">Where the ids go.</param>
    public abstract void Encode(ReadOnlySpan<char> text, bool first, List<int> ids);

    /// <summary>The bytes of a token in the vocabulary's own spelling.</summary>
    public abstract byte[] Bytes(string token);

    /// <summary>The rules of a tokenizer.json.</summary>
    public static Subwords Of(TokenizerJson json) => json.Spaces is { } spaces ? new SentencePieces(json, spaces) : new ByteLevel(json);

    /// <summary>The file's merges as ids.</summary>
    protected static BytePairMerges MergesOf(TokenizerJson json) =>
        new([.. json.Merges.Select(m => (json.Vocabulary[m.Left], json.Vocabulary[m.Right], json.Vocabulary[m.Left + m.Right]))]);
}
