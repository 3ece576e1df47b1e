namespace Larr.Embed;

/// <summary>A value of a field and how it is said in words: what is embedded once and then looked up.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Value">The value as it stands in the data.</param>
/// <param name="Text">The value in words, by the field's template.</param>
/// <param name="Popularity">Number of training rows that hold the value.</param>
public sealed record ValueText(string Field, string Value, string Text, long Popularity)
{
    /// <summary>Content hash of field and text; a changed hash means that the text must be embedded anew.</summary>
    public UInt128 Hash => ContentHash.Of(Field, Text);
}
