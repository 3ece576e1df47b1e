namespace Larr.Index;

/// <summary>Key of a row of the index.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Value">The value as it stands in the data.</param>
public readonly record struct SceneKey(string Field, string Value);

/// <summary>A row of the index as a record of <c>Microsoft.Extensions.VectorData</c>.</summary>
public sealed record SceneRecord
{
    /// <summary>Field and value.</summary>
    public required SceneKey Key { get; init; }

    /// <summary>Name of the field.</summary>
    public string Field => Key.Field;

    /// <summary>The value as it stands in the data.</summary>
    public string Value => Key.Value;

    /// <summary>The value in words.</summary>
    public required string Text { get; init; }

    /// <summary>Number of training rows that hold the value.</summary>
    public required long Popularity { get; init; }

    /// <summary>[dimension], of unit length; empty where vectors were not asked for.</summary>
    public ReadOnlyMemory<float> Vector { get; init; }
}
