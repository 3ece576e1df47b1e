namespace Larr.Experiments;

/// <summary>What an ablation of this experiment compares.</summary>
public sealed record AblateConfig
{
    /// <summary>
    /// Names of its rows (<see cref="Setting.All"/>), in the order of the table; the baseline is always among them. Default: one ingredient after
    /// the other, from identifiers to the whole of LARR.
    /// </summary>
    public IReadOnlyList<string> Rows { get; init; } = [.. Setting.Ablation.Select(s => s.Name)];
}
