namespace Larr.Index;

/// <summary>A value near another, and the cosine between their texts.</summary>
public sealed record Neighbour(string Field, string Value, string Text, float Cosine);

/// <summary>The values of an index nearest in meaning to a text or to another value.</summary>
public static class Neighbours
{
    /// <summary>The nearest values to a text.</summary>
    /// <param name="generation">The index.</param>
    /// <param name="text">Any text.</param>
    /// <param name="embed">The embedder of the index's identity: one text → its vector.</param>
    /// <param name="count">How many.</param>
    /// <param name="field">Only values of this field; null for all.</param>
    public static IReadOnlyList<Neighbour> OfText(Generation generation, string text, Func<string, float[]> embed, int count, string? field = null) =>
        Name(generation, generation.Search(embed(text), count, field));

    /// <summary>The nearest other values to a value of the index; empty where the index does not hold it.</summary>
    public static IReadOnlyList<Neighbour> OfValue(Generation generation, string field, string value, int count, string? among = null) =>
        generation.TryGet(field, value, out int row)
            ? [.. Name(generation, [.. generation.Search(generation.Vector(row), count + 1, among).Where(hit => hit.Row != row)]).Take(count)]
            : [];

    static Neighbour[] Name(Generation generation, IReadOnlyList<Hit> hits) =>
        [.. hits.Select(hit => new Neighbour(generation.Field(hit.Row), generation.Value(hit.Row), generation.Text(hit.Row), hit.Score))];
}
