using System.Numerics.Tensors;
using Larr.Embed;

namespace Larr.Index;

/// <summary>A new generation failed a check before going live; the live one stays.</summary>
/// <param name="gate">Name of the check.</param>
/// <param name="detail">What was wrong.</param>
public sealed class IndexGateException(string gate, string detail) : Exception($"gate {gate} failed: {detail}; the live generation stays as it was")
{
    /// <summary>Name of the check.</summary>
    public string Gate { get; } = gate;
}

/// <summary>The checks a generation must pass before it goes live, and at any time after.</summary>
public static class IndexVerify
{
    /// <summary>Rows that are searched for themselves.</summary>
    const int Canaries = 16;

    /// <summary>How far below 1 the cosine of a vector to itself may come out in float32.</summary>
    const float SelfTolerance = 1e-3f;

    /// <summary>
    /// Checks, in this order: <c>checksums</c> of every block; <c>count</c>; <c>rows</c>: each is found by its own field
    /// and value, its hash is that of its text, and its vector is finite and of unit length; <c>canary</c>: the nearest
    /// row to a row is itself or one equally near.
    /// </summary>
    /// <param name="generation">The generation.</param>
    /// <param name="expectedCount">The number of rows it must have; null where that is not known.</param>
    /// <exception cref="Runs.InputException">A file is damaged.</exception>
    /// <exception cref="IndexGateException">Another check failed.</exception>
    public static void Check(Generation generation, int? expectedCount = null)
    {
        generation.CheckAll();
        if (generation.Count == 0) throw new IndexGateException("count", "there are no rows");
        if (expectedCount is int expected && expected != generation.Count) throw new IndexGateException("count", $"{generation.Count} rows instead of {expected}");
        for (int row = 0; row < generation.Count; row++) CheckRow(generation, row);
        for (int canary = 0; canary < Math.Min(Canaries, generation.Count); canary++)
            CheckCanary(generation, (int)((long)generation.Count * canary / Math.Min(Canaries, generation.Count)));
    }

    static void CheckRow(Generation generation, int row)
    {
        ValueText text = generation.Row(row);
        if (!generation.TryGet(text.Field, text.Value, out int found) || found != row)
            throw new IndexGateException("rows", $"row {row} ({text.Field}, {text.Value}) is looked up as {found}");
        if (generation.Hash(row) != text.Hash)
            throw new IndexGateException("rows", $"row {row} ({text.Field}, {text.Value}) has the hash of another text");
        float length = TensorPrimitives.Norm(generation.Vector(row));
        if (!(Math.Abs(length - 1) <= IndexWriter.UnitTolerance))
            throw new IndexGateException("rows", $"row {row} ({text.Field}, {text.Value}) has a vector of length {length}");
    }

    static void CheckCanary(Generation generation, int row)
    {
        Hit best = generation.Search(generation.Vector(row), 1)[0];
        float self = TensorPrimitives.CosineSimilarity(generation.Vector(row), generation.Vector(best.Row));
        if (self < 1 - SelfTolerance || best.Score < 1 - (2 * SelfTolerance))
            throw new IndexGateException("canary", $"the nearest row to row {row} is {best.Row} with cosine {self}");
    }
}
