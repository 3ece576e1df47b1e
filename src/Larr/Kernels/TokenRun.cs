namespace Larr.Kernels;

/// <summary>Tokens that belong together and see only each other: a document, or a row, among tokens laid end to end.</summary>
/// <param name="Begin">Place of the first token.</param>
/// <param name="Length">Number of tokens.</param>
public readonly record struct TokenRun(int Begin, int Length);
