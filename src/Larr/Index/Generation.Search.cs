using System.Numerics.Tensors;

namespace Larr.Index;

/// <summary>A row found by a search, and its cosine to the query.</summary>
public readonly record struct Hit(int Row, float Score);

public sealed partial class Generation
{
    /// <summary>Multiplications below which starting threads costs more than it saves (measured on two cores).</summary>
    const long WorthThreads = 4_000_000;

    /// <summary>The k rows of the largest cosine to a query: exact, largest first, equal ones by row; the same for any number of threads.</summary>
    /// <param name="query">[dimension], of any length but zero.</param>
    /// <param name="k">How many rows to find; fewer where there are not so many.</param>
    /// <param name="field">Only rows of this field; null for all.</param>
    public IReadOnlyList<Hit> Search(ReadOnlySpan<float> query, int k, string? field = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (query.Length != Dimension) throw new ArgumentException($"a query of {query.Length} components; the index has {Dimension}", nameof(query));
        float length = TensorPrimitives.Norm(query);
        if (!float.IsFinite(length) || length == 0) throw new ArgumentException($"a query of length {length}", nameof(query));
        float[] unit = new float[Dimension];
        TensorPrimitives.Divide(query, length, unit);

        (int first, int count) = (0, Count);
        if (field is not null)
        {
            if (!_fields.TryGetValue(field, out FieldRange? range)) return [];
            (first, count) = (range.First, range.Count);
        }
        if (count == 0) return [];
        k = Math.Min(k, count);
        _vectors.Check((long)first * Dimension * sizeof(float), (long)count * Dimension * sizeof(float));

        int parts = (long)count * Dimension < WorthThreads ? 1 : Environment.ProcessorCount;
        if (parts == 1) return Scan(unit, first, first + count, k).Sorted();
        var best = new TopRows[parts];
        Parallel.For(0, parts, p => best[p] = Scan(unit, first + (int)((long)count * p / parts), first + (int)((long)count * (p + 1) / parts), k));
        for (int p = 1; p < parts; p++) best[0].AddAll(best[p]);
        return best[0].Sorted();
    }

    TopRows Scan(float[] unit, int from, int to, int k)
    {
        var best = new TopRows(k);
        const int Chunk = 4096;
        for (int start = from; start < to; start += Chunk)
        {
            int rows = Math.Min(Chunk, to - start);
            ReadOnlySpan<float> vectors = _vectors.Span<float>((long)start * Dimension, checked(rows * Dimension));
            for (int r = 0; r < rows; r++)
                best.Add(new Hit(start + r, TensorPrimitives.Dot(unit, vectors.Slice(r * Dimension, Dimension))));
        }
        return best;
    }
}
