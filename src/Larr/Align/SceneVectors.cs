using System.Numerics.Tensors;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Align;

/// <summary>
/// The frozen text vectors of every scene value: per scene field a matrix [dictionary size, D]. Language-model work ends here; what
/// follows only combines these rows.
/// </summary>
/// <remarks>
/// Each field is centred on the mean of the values seen in the training part and scaled to unit mean square per coordinate: text vectors of one
/// template lie close together, and what tells them apart should not have to be learned from tiny differences. This is our choice.
/// </remarks>
public sealed class SceneVectors
{
    readonly float[][] _vectors, _means;
    readonly float[] _deviations;

    SceneVectors(string[] fields, int dimension, float[][] vectors, bool[][] seen, VectorIdentity? identity)
    {
        (Fields, Dimension, Identity, _vectors) = (fields, dimension, identity, vectors);
        _means = new float[fields.Length][];
        _deviations = new float[fields.Length];
        for (int f = 0; f < fields.Length; f++) (_means[f], _deviations[f]) = Standardise(vectors[f], dimension, seen[f]);
    }

    /// <summary>The scene fields, in table order; <c>scene</c> alone where <see cref="Whole"/>.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Whether there is one vector per distinct scene of the table (<see cref="DistinctScenes"/>) instead of one per value.</summary>
    public bool Whole { get; private init; }

    /// <summary>What the vectors were made with; null where nobody said.</summary>
    public VectorIdentity? Identity { get; }

    /// <summary>Length D of a vector.</summary>
    public int Dimension { get; }

    /// <summary>The vector of one value.</summary>
    public ReadOnlySpan<float> Vector(int field, int code) => _vectors[field].AsSpan(code * Dimension, Dimension);

    /// <summary>What was taken off each vector of a field, [D].</summary>
    public ReadOnlySpan<float> Mean(int field) => _means[field];

    /// <summary>What each vector of a field was divided by.</summary>
    public float Deviation(int field) => _deviations[field];

    /// <summary>Looks up a vector for every value of every scene field.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="vectorOf">(field, value) → vector; all of one length.</param>
    /// <param name="identity">What the vectors were made with.</param>
    /// <exception cref="InputException">There is no scene field, or a vector has another length or a value that is not finite.</exception>
    public static SceneVectors From(ImpressionTable table, Func<string, string, float[]> vectorOf, VectorIdentity? identity = null)
    {
        string[] fields = DistinctScenes.FieldsOf(table);
        if (fields.Length == 0) throw new InputException("experiment", "scene vectors need a field of the role scene");
        var vectors = new float[fields.Length][];
        int dimension = 0;
        for (int f = 0; f < fields.Length; f++)
        {
            IReadOnlyList<string> values = table.Values(fields[f]);
            vectors[f] = [];
            for (int code = 0; code < values.Count; code++)
            {
                float[] vector = Checked(vectorOf(fields[f], values[code]), ref dimension, fields[f], values[code]);
                if (code == 0) vectors[f] = new float[values.Count * dimension];
                vector.CopyTo(vectors[f].AsSpan(code * dimension));
            }
        }
        return new SceneVectors(fields, dimension, vectors, [.. fields.Select(f => SeenInTraining(table, table.Codes(f), table.Values(f).Count))], identity);
    }

    /// <summary>Takes one vector per distinct scene of a table, for <see cref="SceneAggregation.WholeText"/>.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="scenes">Their scenes.</param>
    /// <param name="vectors">The vector of each scene.</param>
    /// <param name="identity">What the vectors were made with.</param>
    /// <exception cref="InputException">A vector has another length or a value that is not finite.</exception>
    public static SceneVectors OfWholeScenes(ImpressionTable table, DistinctScenes scenes, IReadOnlyList<float[]> vectors, VectorIdentity? identity = null)
    {
        if (vectors.Count != scenes.Count) throw new InputException("scene vectors", "count", $"{vectors.Count} vectors", $"{scenes.Count}, one per distinct scene");
        int dimension = 0;
        float[] all = [];
        for (int s = 0; s < vectors.Count; s++)
        {
            float[] vector = Checked(vectors[s], ref dimension, WholeField, $"{s}");
            if (s == 0) all = new float[vectors.Count * dimension];
            vector.CopyTo(all.AsSpan(s * dimension));
        }
        return new SceneVectors([WholeField], dimension, [all], [SeenInTraining(table, scenes.OfRow, scenes.Count)], identity) { Whole = true };
    }

    const string WholeField = "scene";

    static float[] Checked(float[] vector, ref int dimension, string field, string value)
    {
        if (dimension == 0) dimension = vector.Length;
        if (vector.Length != dimension) throw new InputException("scene vectors", $"{field} \"{value}\"", $"a vector of {vector.Length}", $"{dimension}");
        if (!float.IsFinite(TensorPrimitives.Sum<float>(vector))) throw new InputException("scene vectors", $"{field} \"{value}\"", "a value that is not finite", "numbers");
        return vector;
    }

    static bool[] SeenInTraining(ImpressionTable table, ReadOnlySpan<int> codes, int count)
    {
        bool[] seen = new bool[count];
        ReadOnlySpan<Part> parts = table.Parts;
        for (int r = 0; r < codes.Length; r++) seen[codes[r]] |= parts[r] == Part.Train;
        return seen;
    }

    /// <summary>Centres and scales vectors of one kind in place by those that are <paramref name="seen"/> in training; without any they stay as they are.</summary>
    internal static (float[] Mean, float Deviation) Standardise(float[] vectors, int dimension, bool[] seen)
    {
        int count = seen.Count(s => s);
        float[] mean = new float[dimension];
        if (count == 0) return (mean, 1);
        double squares = 0;
        for (int code = 0; code < seen.Length; code++)
            if (seen[code]) TensorPrimitives.Add(mean, vectors.AsSpan(code * dimension, dimension), mean);
        TensorPrimitives.Divide(mean, count, mean);
        for (int code = 0; code < seen.Length; code++)
        {
            Span<float> vector = vectors.AsSpan(code * dimension, dimension);
            TensorPrimitives.Subtract(vector, mean, vector);
            if (seen[code]) squares += TensorPrimitives.SumOfSquares<float>(vector);
        }
        float deviation = (float)Math.Sqrt(squares / ((double)count * dimension));
        if (deviation == 0) deviation = 1;
        TensorPrimitives.Divide(vectors, deviation, vectors);
        return (mean, deviation);
    }
}
