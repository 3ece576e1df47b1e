namespace Larr.Data;

/// <summary>The contents of <c>table.json</c>.</summary>
/// <param name="Rows">Number of impressions.</param>
/// <param name="Fields">The fields, in the order of the experiment file.</param>
public sealed record TableLayout(int Rows, IReadOnlyList<FieldConfig> Fields);
