using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Larr.Index;

/// <summary>Scores rows against queries and keeps the best: block after block, so that rows are read from memory once for all queries.</summary>
static unsafe class ExactScan
{
    /// <summary>Below so many queries a dot product along the row is faster than one across the queries.</summary>
    public const int WorthPanels = 4;

    /// <summary>Rows that stay in the second cache while all queries pass.</summary>
    const int Block = 512;

    /// <summary>Few queries: rows [first, end) against each query, [Q, D].</summary>
    public static void Few(StoredVectors vectors, int first, int end, float[] queries, in RowFilter filter, int firstRow, TopRows[] best)
    {
        int dimension = vectors.Dimension;
        float[] scratch = vectors.Type == VectorType.Float32 ? [] : new float[Block * dimension];
        for (int start = first; start < end; start += Block)
        {
            int count = Math.Min(Block, end - start);
            ReadOnlySpan<float> rows = vectors.Rows(start, count, scratch);
            for (int q = 0; q < best.Length; q++)
            {
                ReadOnlySpan<float> query = queries.AsSpan(q * dimension, dimension);
                float worst = best[q].Worst;
                for (int r = 0; r < count; r++)
                {
                    float score = TensorPrimitives.Dot(query, rows.Slice(r * dimension, dimension));
                    if (!(score >= worst) || !filter.Allows(start + r)) continue;
                    best[q].Add(new Hit(firstRow + start + r, score));
                    worst = best[q].Worst;
                }
            }
        }
    }

    /// <summary>Many queries, laid out in panels.</summary>
    public static void Many(StoredVectors vectors, int first, int end, VectorPanels queries, in RowFilter filter, int firstRow, TopRows[] best)
    {
        const int Tile = 32; // rows whose scores stay in the first cache
        float[] scratch = vectors.Type == VectorType.Float32 ? [] : new float[Block * vectors.Dimension];
        float[] scores = new float[Tile * queries.Width], worst = new float[queries.Panels * queries.Width];
        Array.Fill(worst, float.PositiveInfinity);
        for (int q = 0; q < best.Length; q++) worst[q] = best[q].Worst;
        fixed (float* s = scores, w = worst)
        {
            for (int start = first; start < end; start += Block)
            {
                int count = Math.Min(Block, end - start);
                fixed (float* rows = vectors.Rows(start, count, scratch))
                {
                    for (int panel = 0; panel < queries.Panels; panel++)
                    {
                        for (int tile = 0; tile < count; tile += Tile)
                        {
                            int size = Math.Min(Tile, count - tile);
                            queries.Score(panel, rows + ((long)tile * vectors.Dimension), size, s);
                            Offer(s, size, start + tile, panel * queries.Width, queries.Width, w, filter, firstRow, best);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Offers scores, [rows, width], to the queries whose worst hit they are not below.</summary>
    static void Offer(float* scores, int rows, int row, int query, int width, float* worst, in RowFilter filter, int firstRow, TopRows[] best)
    {
        for (int r = 0; r < rows; r++, row++)
        {
            for (int j = 0; j < width; j += 16, scores += 16)
            {
                ulong good = Vector512.GreaterThanOrEqual(Vector512.Load(scores), Vector512.Load(worst + query + j)).ExtractMostSignificantBits();
                for (; good != 0; good &= good - 1)
                {
                    if (!filter.Allows(row)) break;
                    int lane = BitOperations.TrailingZeroCount(good), q = query + j + lane;
                    best[q].Add(new Hit(firstRow + row, scores[lane]));
                    worst[q] = best[q].Worst;
                }
            }
        }
    }
}
