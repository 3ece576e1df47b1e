namespace Larr.Serve;

/// <summary>
/// The rows that a served click model looks up, all of one width: its embedding table, then the projected text vectors of items and users and those made
/// elsewhere. Rows that the model stores narrower are taken to its width once, here.
/// </summary>
static class EmbeddingRows
{
    /// <summary>Reads them in the numbering of <paramref name="features"/>, [rows, <paramref name="rowWidth"/>].</summary>
    /// <param name="features">Which rows there are.</param>
    /// <param name="texts">How many of the projected fields are texts.</param>
    /// <param name="weights">The model's weights.</param>
    /// <param name="dimension">d, values of a row's vector.</param>
    /// <param name="rowWidth">d, and one more where rows have a first-order weight.</param>
    public static float[] Read(FeatureRows features, int texts, WeightFile weights, int dimension, int rowWidth)
    {
        float[] rows = new float[checked(features.Size * rowWidth)];
        int categorical = features.Fields.Count - features.Projected;
        int[] table = [.. Enumerable.Range(0, categorical), .. Enumerable.Range(features.Fields.Count, features.Tags.Count)];
        int more = rowWidth - dimension, narrow = 0, at = 0;
        float[] stored = weights.Read("embeddings", table.Sum(f => features.RowsOf(f).Count * (features.Width(f, dimension) + more)));
        foreach (int field in table)
        {
            (int first, int count) = features.RowsOf(field);
            int width = features.Width(field, dimension);
            ReadOnlySpan<float> from = stored.AsSpan(at, count * (width + more));
            Span<float> to = rows.AsSpan(first * rowWidth, count * rowWidth);
            if (width == dimension) from.CopyTo(to);
            else Widen(from, width + more, weights.Linear($"widths.up.{narrow++}", width, dimension, bias: false), to, dimension, rowWidth);
            at += from.Length;
        }
        for (int t = 0; t < features.Projected; t++)
        {
            (int first, int count) = features.RowsOf(categorical + t);
            float[] projected = weights.Read(t < texts ? $"texts.{t}.projected" : $"vectors.{t - texts}.projected", count * dimension);
            for (int r = 0; r < count; r++) projected.AsSpan(r * dimension, dimension).CopyTo(rows.AsSpan((first + r) * rowWidth));
        }
        return rows;
    }

    // What a row has beside its vector stays last.
    static void Widen(ReadOnlySpan<float> from, int stride, LinearLayer up, Span<float> to, int dimension, int rowWidth)
    {
        float[] wide = new float[up.Stride];
        for (int row = 0; row * stride < from.Length; row++)
        {
            up.Apply(from.Slice(row * stride, up.Inputs), stride, 1, wide);
            Span<float> target = to.Slice(row * rowWidth, rowWidth);
            wide.AsSpan(0, dimension).CopyTo(target);
            from.Slice(row * stride + up.Inputs, stride - up.Inputs).CopyTo(target[dimension..]);
        }
    }
}
