namespace Larr.Experiments;

/// <summary>A row of <see cref="AblationOf.Variants"/>: the experiment with some settings on top.</summary>
public sealed record VariantConfig
{
    /// <summary>Name of the row.</summary>
    public string Name { get; init; } = "";

    /// <summary>Settings of the form <c>a.b=c</c>, as after <c>--set</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];
}
