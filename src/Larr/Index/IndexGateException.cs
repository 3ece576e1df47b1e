using Larr.Runs;

namespace Larr.Index;

/// <summary>A new generation failed a check before going live; the live one stays.</summary>
/// <param name="gate">Name of the check.</param>
/// <param name="detail">What was wrong.</param>
public sealed class IndexGateException(string gate, string detail) : Exception(OneLine.Of($"gate {gate} failed: {detail}; the live generation stays as it was"))
{
    /// <summary>Name of the check.</summary>
    public string Gate { get; } = gate;
}
