namespace Larr.Corpus.General;

/// <summary>One meaning of WordNet: words that share it, what it is, and its relations to other meanings.</summary>
/// <param name="Key">Part of speech (n, v, a, r) and the offset in its file, such as "n07574602".</param>
/// <param name="Domain">The lexicographer file: what the meaning is about.</param>
/// <param name="Words">The words, most usual first, as they are written in a text.</param>
/// <param name="Definition">The gloss without its examples.</param>
/// <param name="Examples">Example sentences.</param>
/// <param name="Pointers">Relations in the file's order: WordNet's symbol and the other meaning's key.</param>
public sealed record Synset(
    string Key, LexicographerFile Domain, IReadOnlyList<string> Words, string Definition, IReadOnlyList<string> Examples,
    IReadOnlyList<(string Symbol, string Key)> Pointers)
{
    /// <summary>n, v, a (satellites too) or r.</summary>
    public char PartOfSpeech => Key[0];

    /// <summary>How often the meaning occurs in WordNet's sense-tagged texts.</summary>
    public int Count { get; init; }
}
