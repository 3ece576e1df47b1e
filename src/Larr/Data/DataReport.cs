namespace Larr.Data;

/// <summary>What the data stage read.</summary>
/// <param name="Rows">Number of impressions.</param>
/// <param name="Positives">Number of clicked impressions.</param>
/// <param name="Parts">Size and click rate of each part of the split.</param>
/// <param name="Cardinalities">Number of distinct values of each categorical, behaviour and text field.</param>
/// <param name="SceneTexts">Number of distinct (scene field, value) pairs: the texts that have to be embedded for all rows.</param>
/// <param name="Seconds">Duration of the stage.</param>
public sealed record DataReport(
    int Rows,
    long Positives,
    IReadOnlyDictionary<Part, PartReport> Parts,
    IReadOnlyDictionary<string, int> Cardinalities,
    int SceneTexts,
    double Seconds);

/// <summary>One part of the split.</summary>
/// <param name="Rows">Number of impressions.</param>
/// <param name="Positives">Number of clicked impressions.</param>
/// <param name="ClickRate">Share of clicked impressions.</param>
public sealed record PartReport(int Rows, long Positives, double ClickRate);
