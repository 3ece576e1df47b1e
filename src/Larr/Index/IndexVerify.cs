using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>The checks a generation must pass before it goes live, and at any time after.</summary>
public static class IndexVerify
{
    const int Piece = 4096;

    /// <summary>
    /// Checks everything, in this order: <c>checksums</c> of every block; <c>count</c>; <c>rows</c>: each is found by its own field
    /// and value, its hash is that of its text, and its vector is finite and of unit length; <c>canary</c>: the nearest
    /// row to a row is itself or one equally near; <c>recall</c> of the approximate search against the exact one.
    /// </summary>
    /// <param name="generation">The generation.</param>
    /// <param name="expectedCount">The number of rows it must have; null where that is not known.</param>
    /// <param name="minRecall">Share of the exact result that the approximate search must find.</param>
    /// <returns>That share, or null where there is no approximate index.</returns>
    /// <exception cref="InputException">A file is damaged.</exception>
    /// <exception cref="IndexGateException">Another check failed.</exception>
    public static double? Check(Generation generation, int? expectedCount = null, double minRecall = 0)
    {
        generation.CheckAll();
        CheckCount(generation, expectedCount);
        int[] rows = [.. generation.Rows()];
        ParallelRanges.Run(0, rows.Length, Piece, (from, to) =>
        {
            for (int r = from; r < to; r++) CheckRow(generation, rows[r]);
        });
        return IndexCanaries.Check(generation, minRecall);
    }

    /// <summary>
    /// The same for a generation that a refresh has built. Rows of segments shared with the generation before were checked when they were written: of
    /// them the tables of checksums and the files' lengths were compared at opening, the blocks of lookup table, hashes and vectors are as the comparison and the
    /// canary queries read them, and a sample is looked up. Of the new segment every block and every row is checked. <see cref="Check"/> reads everything.
    /// </summary>
    internal static double? CheckRefreshed(Generation built, IndexComparison comparison, double minRecall)
    {
        const int Sample = 20_000;
        try { built.CheckWritten(); }
        catch (InputException damaged) { throw new IndexGateException("checksums", damaged.Message); }
        CheckCount(built, comparison.Wanted.Count);
        int step = Math.Max(1, comparison.Wanted.Count / Sample);
        for (int w = 0; w < comparison.Wanted.Count; w += step)
        {
            int row = built.Find(comparison.Ids.Span[w]);
            if (row < 0) throw Wrong(comparison.Wanted[w], "is not found");
            if (built.Hash(row) != comparison.Hashes.Span[w]) throw Wrong(comparison.Wanted[w], "has the hash of another text");
        }
        for (int s = 0; s < built.Segments.Count; s++)
        {
            if (built.Segments[s].Header.Segment != built.Number) continue;
            built.Segments[s].Lists?.CheckShape();
            int first = built.FirstRow(s);
            ParallelRanges.Run(first, first + built.Segments[s].Count, Piece, (from, to) =>
            {
                for (int row = from; row < to; row++) CheckRow(built, row);
            });
        }
        return IndexCanaries.Check(built, minRecall);
    }

    static void CheckCount(Generation generation, int? expectedCount)
    {
        if (generation.Count == 0) throw new IndexGateException("count", "there are no rows");
        if (expectedCount is int expected && expected != generation.Count) throw new IndexGateException("count", $"{generation.Count} rows instead of {expected}");
    }

    static void CheckRow(Generation generation, int row)
    {
        ValueText text = generation.Row(row);
        if (!generation.TryGet(text.Field, text.Value, out int found) || found != row) throw Wrong(text, $"in row {row} is looked up as row {found}");
        if (generation.Hash(row) != text.Hash) throw Wrong(text, "has the hash of another text");
        float length = TensorPrimitives.Norm(generation.Vector(row));
        if (!(Math.Abs(length - 1) <= VectorCodec.UnitTolerance)) throw Wrong(text, $"has a vector of length {length}");
    }

    static IndexGateException Wrong(ValueText row, string what) => new("rows", $"({row.Field}, {row.Value}) {what}");
}
