namespace Larr.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Its sizes, outermost first as in Hugging Face's files (GGUF itself writes the innermost first).</param>
/// <param name="Offset">Offset of its first byte from the start of the data.</param>
/// <param name="Bytes">Its length in bytes.</param>
public sealed record GgufTensor(string Name, GgmlType Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Number of values.</summary>
    public long Values => Shape.Aggregate(1L, (a, b) => a * b);
}
