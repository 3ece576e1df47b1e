using System.Numerics.Tensors;
using Larr.Data;
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
    readonly float[][] _vectors;

    SceneVectors(string[] fields, int dimension, float[][] vectors) => (Fields, Dimension, _vectors) = (fields, dimension, vectors);

    /// <summary>The scene fields, in table order.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Length D of a vector.</summary>
    public int Dimension { get; }

    /// <summary>The vector of one value.</summary>
    public ReadOnlySpan<float> Vector(int field, int code) => _vectors[field].AsSpan(code * Dimension, Dimension);

    /// <summary>Looks up a vector for every value of every scene field.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="vectorOf">(field, value) → vector; all of one length.</param>
    /// <exception cref="InputException">There is no scene field, or a vector has another length or a value that is not finite.</exception>
    public static SceneVectors From(ImpressionTable table, Func<string, string, float[]> vectorOf)
    {
        string[] fields = [.. table.FindAll(FieldRole.Scene).Select(f => f.Name)];
        if (fields.Length == 0) throw new InputException("experiment", "scene vectors need a field of the role scene");
        var vectors = new float[fields.Length][];
        int dimension = 0;
        for (int f = 0; f < fields.Length; f++)
        {
            IReadOnlyList<string> values = table.Values(fields[f]);
            for (int code = 0; code < values.Count; code++)
            {
                float[] vector = vectorOf(fields[f], values[code]);
                if (dimension == 0) dimension = vector.Length;
                if (vector.Length != dimension) throw new InputException("scene vectors", $"{fields[f]} \"{values[code]}\"", $"a vector of {vector.Length}", $"{dimension}");
                if (!float.IsFinite(TensorPrimitives.Sum<float>(vector))) throw new InputException("scene vectors", $"{fields[f]} \"{values[code]}\"", "a value that is not finite", "numbers");
                vector.CopyTo((vectors[f] ??= new float[values.Count * dimension]).AsSpan(code * dimension));
            }
            Standardise(vectors[f] ??= [], dimension, SeenInTraining(table, fields[f]));
        }
        return new SceneVectors(fields, dimension, vectors);
    }

    static bool[] SeenInTraining(ImpressionTable table, string field)
    {
        bool[] seen = new bool[table.Values(field).Count];
        ReadOnlySpan<int> codes = table.Codes(field);
        ReadOnlySpan<Part> parts = table.Parts;
        for (int r = 0; r < codes.Length; r++) seen[codes[r]] |= parts[r] == Part.Train;
        return seen;
    }

    static void Standardise(float[] vectors, int dimension, bool[] seen)
    {
        int count = seen.Count(s => s);
        if (count == 0) return;
        float[] mean = new float[dimension];
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
        if (deviation > 0) TensorPrimitives.Divide(vectors, deviation, vectors);
    }
}
