namespace Larr.Index;

/// <summary>A row found by a search, and its cosine to the query.</summary>
public readonly record struct Hit(int Row, float Score);

/// <summary>Which rows a search may find.</summary>
public sealed record SearchFilter
{
    /// <summary>Only rows of this field. Default: of all fields.</summary>
    public string? Field { get; init; }

    /// <summary>Only these values; needs a field. Default: all values.</summary>
    public IReadOnlyCollection<string>? Values { get; init; }

    /// <summary>Only rows with at least this popularity. Default: any.</summary>
    public long MinPopularity { get; init; } = long.MinValue;
}
