using System.Numerics.Tensors;
using Larr.Embed;

namespace Larr.Benchmarks;

/// <summary>
/// A made-up set of values and an embedder that gives a text the same vector every time: a cluster's direction plus noise, as texts that mean
/// about the same lie near each other. The mixture is the hard part of real embeddings; its names are not.
/// </summary>
sealed class MadeIndex
{
    /// <summary>Noise against a direction of length 1: neighbours of a cluster have a cosine of about 1 / (1 + noise²) = 0.55.</summary>
    const float Noise = 0.9f;

    readonly float[][] _directions;

    public MadeIndex(int rows, int dimension)
    {
        (Rows, Dimension) = (rows, dimension);
        Identity = new VectorIdentity("made", "made", "made", "mean", dimension);
        // About 200 values mean nearly the same.
        _directions = [.. Enumerable.Range(0, Math.Max(1, rows / 200)).Select(d => Unit(new Random(d), dimension))];
    }

    public int Rows { get; }

    public int Dimension { get; }

    public VectorIdentity Identity { get; }

    /// <summary>All values. Of every 1 / <paramref name="changedShare"/> one is said in the words of <paramref name="round"/>; a number of the oldest is gone and as many are new.</summary>
    public ValueText[] Wanted(int round, double changedShare, int gone = 0)
    {
        int every = changedShare <= 0 ? int.MaxValue : Math.Max(1, (int)Math.Round(1 / changedShare));
        var rows = new ValueText[Rows];
        for (int i = 0; i < Rows; i++)
        {
            int value = i + gone;
            string words = i % every == every / 2 ? $"value number {value} of round {round}" : $"value number {value}";
            rows[i] = new ValueText($"field{value % 8}", $"value {value}", words, value % 1000);
        }
        return rows;
    }

    /// <summary>Vectors of texts, on all cores.</summary>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        float[][] vectors = new float[texts.Count][];
        Parallel.For(0, texts.Count, t => vectors[t] = Vector(texts[t]));
        return vectors;
    }

    public float[] Vector(string text)
    {
        ulong hash = (ulong)ContentHash.Of("", text);
        float[] vector = Unit(new Random((int)(hash >> 33)), Dimension);
        TensorPrimitives.MultiplyAdd(vector, Noise, _directions[(int)(hash % (ulong)_directions.Length)], vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    /// <summary>A direction drawn evenly from the sphere.</summary>
    static float[] Unit(Random random, int dimension)
    {
        float[] vector = new float[dimension];
        for (int d = 0; d < dimension; d += 2)
        {
            // Box and Muller: two independent normal numbers.
            (float radius, float angle) = (MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())), 2 * MathF.PI * random.NextSingle());
            vector[d] = radius * MathF.Cos(angle);
            if (d + 1 < dimension) vector[d + 1] = radius * MathF.Sin(angle);
        }
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
