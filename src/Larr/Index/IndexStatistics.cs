using Larr.Embed;

namespace Larr.Index;

/// <summary>What an index holds, read from its headers.</summary>
/// <param name="Folder">The index.</param>
/// <param name="Live">Number of the live generation.</param>
/// <param name="Rows">Rows that are alive.</param>
/// <param name="Type">How vectors are stored.</param>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Fields">Rows of each field.</param>
/// <param name="Segments">The live generation's segments.</param>
/// <param name="Bytes">Size of the live generation with its segments.</param>
/// <param name="Generations">All generations on disk.</param>
/// <param name="TotalBytes">Size of everything on disk; shared segments count once.</param>
public sealed record IndexStatistics(
    string Folder, int Live, int Rows, VectorType Type, VectorIdentity Identity, IReadOnlyDictionary<string, int> Fields, IReadOnlyList<SegmentStatistics> Segments,
    long Bytes, IReadOnlyList<GenerationStatistics> Generations, long TotalBytes)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="Runs.InputException">There is no live generation, or a header is damaged.</exception>
    public static IndexStatistics Of(IndexFolder folder)
    {
        using Generation live = folder.OpenLive();
        var generations = new List<GenerationStatistics>();
        long total = 0;
        foreach (int number in folder.List())
        {
            using Generation generation = folder.Open(number);
            long own = generation.Header.Lengths.Sum();
            total += own;
            generations.Add(new GenerationStatistics(number, number == live.Number, generation.Count, [.. generation.Header.Segments.Select(s => s.Segment)], own));
        }
        foreach (int number in folder.ListSegments())
        {
            using Segment segment = Segment.Open(folder.At(IndexFormat.SegmentName(number)));
            total += segment.Header.Lengths.Sum();
        }
        SegmentStatistics[] segments =
        [
            .. live.Segments.Zip(live.Header.Segments, (s, use) =>
                new SegmentStatistics(use.Segment, use.Rows, use.Rows - use.Live, s.Header.Lengths.Sum(), s.Header.Lists?.Count, s.Header.Lists?.Probes, s.Header.Lists?.Recall)),
        ];
        return new IndexStatistics(
            folder.Path, live.Number, live.Count, live.Header.Type, live.Header.Identity, live.Header.Fields.ToDictionary(f => f.Name, f => f.Count), segments,
            live.Header.Lengths.Sum() + segments.Sum(s => s.Bytes), generations, total);
    }
}

/// <summary>One segment of the live generation.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Dead">Rows that are no longer part of the index.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Lists">Lists of its approximate index; null where it has none.</param>
/// <param name="Probes">Lists that a search reads.</param>
/// <param name="Recall">Recall of so many, measured when it was built.</param>
public sealed record SegmentStatistics(int Segment, int Rows, int Dead, long Bytes, int? Lists, int? Probes, double? Recall);

/// <summary>One generation on disk.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="Live">Is it the live one?</param>
/// <param name="Rows">Rows that are alive in it.</param>
/// <param name="Segments">Numbers of its segments.</param>
/// <param name="Bytes">Size of its own files, without segments.</param>
public sealed record GenerationStatistics(int Generation, bool Live, int Rows, IReadOnlyList<int> Segments, long Bytes);
