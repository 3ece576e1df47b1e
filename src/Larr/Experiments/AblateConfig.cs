namespace Larr.Experiments;

/// <summary>What an ablation of this experiment compares.</summary>
public sealed record AblateConfig
{
    /// <summary>
    /// Names of its rows (<see cref="Setting.All"/>), in the order of the table; the baseline is always among them. Default: one ingredient after
    /// the other, from identifiers to the whole of LARR.
    /// </summary>
    public IReadOnlyList<string> Rows { get; init; } = [.. Setting.Ablation.Select(s => s.Name)];

    /// <summary>Rows of <see cref="AblationOf.Variants"/>, which are tested against the experiment as it stands.</summary>
    public IReadOnlyList<VariantConfig> Variants { get; init; } = [];

    /// <summary>What of LARR is on in <see cref="Variants"/>: a name of <see cref="Setting.All"/>. Default: all that the data allow, without adaptation.</summary>
    public string? VariantsOf { get; init; }
}
