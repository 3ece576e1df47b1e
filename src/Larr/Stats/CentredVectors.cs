using System.Numerics.Tensors;

namespace Larr.Stats;

/// <summary>Vectors without what they have in common: a language model's vectors share one large direction, which hides what tells them apart.</summary>
static class CentredVectors
{
    /// <summary>Takes the mean off the vectors, in place, then makes them unit vectors; a vector that is the mean stays zero.</summary>
    public static void Make(IReadOnlyCollection<float[]> vectors)
    {
        if (vectors.Count == 0) return;
        float[] mean = new float[vectors.First().Length];
        foreach (float[] vector in vectors) TensorPrimitives.Add(mean, vector, mean);
        TensorPrimitives.Divide(mean, vectors.Count, mean);
        foreach (float[] vector in vectors)
        {
            TensorPrimitives.Subtract(vector, mean, vector);
            TensorPrimitives.Divide(vector, MathF.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), vector);
        }
    }
}
