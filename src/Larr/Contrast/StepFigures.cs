namespace Larr.Contrast;

/// <summary>How the texts of one step lie.</summary>
/// <param name="Positive">Mean cosine of the positives.</param>
/// <param name="Negative">Mean cosine of the negatives that count.</param>
/// <param name="Uniformity">log of the mean of exp(−2·distance²) over all texts: 0 where they are one point.</param>
readonly record struct StepFigures(double Positive, double Negative, double Uniformity);
