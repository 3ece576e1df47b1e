using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Larr.Index;

/// <summary>
/// k-means on the unit sphere: a centroid is the direction of the mean of its rows, and a row belongs to the centroid of the largest
/// dot product, the lowest number among equal ones (Dhillon and Modha 2001). The result does not depend on the number of threads.
/// </summary>
static unsafe class SphericalKMeans
{
    const int Block = 64;
    const int Piece = 4096;

    /// <summary>Finds <paramref name="count"/> centroids of <paramref name="rows"/>, [n, D], starting from evenly spaced rows.</summary>
    /// <returns>[count, D].</returns>
    public static float[] Train(float[] rows, int dimension, int count, int iterations)
    {
        int n = rows.Length / dimension;
        float[] centroids = new float[count * dimension];
        for (int c = 0; c < count; c++)
            rows.AsSpan((int)((long)n * c / count) * dimension, dimension).CopyTo(centroids.AsSpan(c * dimension));
        int[] assigned = new int[n];
        float[] scores = new float[n];
        for (int i = 0; i < iterations; i++)
        {
            using (var panels = new VectorPanels(centroids, dimension))
                Assign((first, size, scratch) => rows.AsSpan(first * dimension, size * dimension), n, dimension, panels, assigned, scores);
            Update(rows, dimension, assigned, scores, centroids);
        }
        return centroids;
    }

    /// <summary>Gives some rows as float32, [count, D], perhaps in the scratch memory.</summary>
    public delegate ReadOnlySpan<float> RowSource(int first, int count, Span<float> scratch);

    /// <summary>The nearest centroid of each row and its dot product.</summary>
    public static void Assign(RowSource rows, int n, int dimension, VectorPanels centroids, int[] assigned, float[] scores) =>
        ParallelRanges.Run(0, n, Piece, (from, to) =>
        {
            float[] scratch = new float[Block * dimension], products = new float[Block * centroids.Width], best = new float[Block * 16];
            int[] which = new int[Block * 16];
            for (int first = from; first < to; first += Block)
            {
                int size = Math.Min(Block, to - first);
                Array.Fill(best, float.NegativeInfinity);
                fixed (float* block = rows(first, size, scratch), product = products, b = best)
                fixed (int* w = which)
                {
                    for (int panel = 0; panel < centroids.Panels; panel++)
                    {
                        centroids.Score(panel, block, size, product);
                        for (int r = 0; r < size; r++) Keep(product + (r * centroids.Width), panel, centroids, b + (r * 16), w + (r * 16));
                    }
                    for (int r = 0; r < size; r++) (assigned[first + r], scores[first + r]) = Best(b + (r * 16), w + (r * 16));
                }
            }
        });

    /// <summary>Keeps, lane by lane, the largest product so far and the centroid's number.</summary>
    static void Keep(float* products, int panel, VectorPanels centroids, float* best, int* which)
    {
        Vector512<float> b = Vector512.Load(best);
        Vector512<int> w = Vector512.Load(which);
        int first = panel * centroids.Width;
        for (int j = 0; j < centroids.Width; j += 16)
        {
            Vector512<int> number = Vector512.Create(first + j) + Vector512<int>.Indices;
            Vector512<float> product = Vector512.Load(products + j);
            Vector512<float> larger = Vector512.GreaterThan(product, b) & Vector512.LessThan(number, Vector512.Create(centroids.Count)).AsSingle();
            b = Vector512.ConditionalSelect(larger, product, b);
            w = Vector512.ConditionalSelect(larger.AsInt32(), number, w);
        }
        b.Store(best);
        w.Store(which);
    }

    static (int Centroid, float Score) Best(float* best, int* which)
    {
        int lane = 0;
        for (int l = 1; l < 16; l++)
            if (best[l] > best[lane] || (best[l] == best[lane] && which[l] < which[lane])) lane = l;
        return (which[lane], best[lane]);
    }

    /// <summary>Moves each centroid to the mean direction of its rows; one without rows takes a row that lies worst where it is.</summary>
    static void Update(float[] rows, int dimension, int[] assigned, float[] scores, float[] centroids)
    {
        int count = centroids.Length / dimension;
        (int[] starts, int[] order) = Group(assigned, count);
        int[] worst = [];
        int next = 0;
        for (int c = 0; c < count; c++)
        {
            if (starts[c] < starts[c + 1]) continue;
            if (worst.Length == 0)
            {
                worst = [.. Enumerable.Range(0, assigned.Length)];
                Array.Sort((float[])scores.Clone(), worst);
            }
            rows.AsSpan(worst[next++ % worst.Length] * dimension, dimension).CopyTo(centroids.AsSpan(c * dimension));
        }
        ParallelRanges.Run(0, count, 16, (from, to) =>
        {
            for (int c = from; c < to; c++)
            {
                if (starts[c] == starts[c + 1]) continue;
                Span<float> centroid = centroids.AsSpan(c * dimension, dimension);
                centroid.Clear();
                for (int p = starts[c]; p < starts[c + 1]; p++) TensorPrimitives.Add(centroid, rows.AsSpan(order[p] * dimension, dimension), centroid);
                float length = TensorPrimitives.Norm(centroid);
                if (length > 0) TensorPrimitives.Divide(centroid, length, centroid);
                else rows.AsSpan(order[starts[c]] * dimension, dimension).CopyTo(centroid);
            }
        });
    }

    /// <summary>Row numbers grouped by what they are assigned to, ascending within: starts [count + 1] and rows.</summary>
    public static (int[] Starts, int[] Rows) Group(int[] assigned, int count)
    {
        int[] starts = new int[count + 1], rows = new int[assigned.Length];
        foreach (int a in assigned) starts[a + 1]++;
        for (int c = 0; c < count; c++) starts[c + 1] += starts[c];
        int[] next = starts[..count];
        for (int r = 0; r < assigned.Length; r++) rows[next[assigned[r]]++] = r;
        return (starts, rows);
    }
}
