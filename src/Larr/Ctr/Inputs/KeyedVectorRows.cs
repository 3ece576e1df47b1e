using Larr.Runs;

namespace Larr.Ctr.Inputs;

/// <summary>Takes vectors by key one after the other and refuses those that cannot be used.</summary>
sealed class KeyedVectorRows
{
    readonly HashSet<string> _seen = [];
    readonly List<string> _keys = [];
    readonly List<float> _vectors = [];

    internal IReadOnlyList<string> Keys => _keys;

    /// <summary>[keys, dimension].</summary>
    internal IReadOnlyList<float> Vectors => _vectors;

    /// <summary>Length of a vector; 0 before the first.</summary>
    internal int Dimension { get; private set; }

    /// <exception cref="InputException">The vector is empty, of another length than the one before it, or not finite, or its key has one already.</exception>
    internal void Add(string file, string place, string key, ReadOnlySpan<float> vector)
    {
        string at = $"{place}, vector of \"{key}\"";
        if (vector.IsEmpty) throw new InputException(file, at, "no number", "1 or more");
        if (Dimension == 0) Dimension = vector.Length;
        if (vector.Length != Dimension) throw new InputException(file, at, $"{vector.Length} numbers", $"{Dimension}, as the vectors before it");
        foreach (float component in vector)
            if (!float.IsFinite(component)) throw new InputException(file, at, float.IsNaN(component) ? "NaN" : "infinity", "finite numbers");
        if (!_seen.Add(key)) throw new InputException(file, $"{place}, key", $"\"{key}\" again", "each key once");
        _keys.Add(key);
        _vectors.AddRange(vector);
    }
}
