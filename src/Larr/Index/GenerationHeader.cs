using Larr.Embed;

namespace Larr.Index;

/// <summary>The JSON part of a generation's header.</summary>
/// <param name="Generation">Number of the generation, from 1.</param>
/// <param name="Count">Number of rows that are alive.</param>
/// <param name="Type">Type of a vector's components.</param>
/// <param name="Metric">Similarity of two vectors: <c>cosine</c>.</param>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Fields">Live rows of each field, by name.</param>
/// <param name="Segments">The segments, most rows first, then by number.</param>
/// <param name="Lengths">Lengths in bytes of the files, in the order of the format.</param>
/// <param name="Checksums">CRC-32 of the file <c>checksums</c>.</param>
public sealed record GenerationHeader(
    int Generation, int Count, VectorType Type, string Metric, VectorIdentity Identity, IReadOnlyList<FieldCount> Fields, IReadOnlyList<SegmentUse> Segments,
    IReadOnlyList<long> Lengths, uint Checksums)
{
    internal static void Check(GenerationHeader header, Action<bool, string, string> expect)
    {
        expect(header.Metric == "cosine", $"metric {header.Metric}", "cosine");
        expect(header.Generation > 0, $"generation {header.Generation}", "a number from 1");
        expect(header.Count is >= 0 and <= IndexFormat.MaxRows, $"count {header.Count}", $"0 to {IndexFormat.MaxRows}");
        expect(header.Segments.All(s => s is { Segment: > 0, Rows: > 0, Live: > 0 } && s.Live <= s.Rows && s.Segment <= header.Generation), "a segment that cannot be", "segments with live rows");
        expect(header.Segments.Sum(s => (long)s.Live) == header.Count, $"segments of {header.Segments.Sum(s => (long)s.Live)} live rows", $"{header.Count}");
        expect(header.Segments.Sum(s => (long)s.Rows) <= IndexFormat.MaxRows, "too many rows", $"at most {IndexFormat.MaxRows}");
        expect(header.Segments.Zip(header.Segments.Skip(1)).All(p => InOrder(p.First, p.Second)), "segments in another order", "most rows first, then by number");
        expect(header.Fields.All(f => f is { Name: not null, Count: > 0 }), "a field without rows", "fields with rows");
        expect(header.Fields.Sum(f => (long)f.Count) == header.Count, $"fields of {header.Fields.Sum(f => (long)f.Count)} rows together", $"{header.Count}");
        expect(header.Fields.Zip(header.Fields.Skip(1)).All(p => string.CompareOrdinal(p.First.Name, p.Second.Name) < 0), "fields in another order", "each field once, by name");
        long[] lengths = [8 * header.Segments.Sum(s => (long)IndexFormat.DeadWords(s.Rows)), 8 * header.Segments.Sum(s => (long)s.Rows)];
        expect(header.Lengths.SequenceEqual(lengths), $"lengths {string.Join(", ", header.Lengths)}", string.Join(", ", lengths));
    }

    /// <summary>Does <paramref name="a"/> come before <paramref name="b"/>?</summary>
    internal static bool InOrder(SegmentUse a, SegmentUse b) => a.Rows > b.Rows || (a.Rows == b.Rows && a.Segment < b.Segment);
}

/// <summary>A segment as a generation uses it.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Rows">Rows in it, dead ones among them.</param>
/// <param name="Live">Rows that are alive in this generation.</param>
/// <param name="Header">CRC-32 of its whole header file, by which exactly this segment is meant.</param>
public sealed record SegmentUse(int Segment, int Rows, int Live, uint Header);

/// <summary>Number of live rows of a field.</summary>
public sealed record FieldCount(string Name, int Count);
