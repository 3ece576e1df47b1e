using Larr.Embed;

namespace Larr.Index;

/// <summary>The JSON part of a segment's header.</summary>
/// <param name="Segment">Number of the generation that it was written with.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Type">Type of a vector's components.</param>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Fields">Row range of each field, in the order of the rows.</param>
/// <param name="Lists">The approximate index, or null where the segment is searched exactly.</param>
/// <param name="Lengths">Lengths in bytes of the files, in the order of the format.</param>
/// <param name="Checksums">CRC-32 of the file <c>checksums</c>.</param>
public sealed record SegmentHeader(
    int Segment, int Count, VectorType Type, VectorIdentity Identity, IReadOnlyList<FieldRange> Fields, ListsHeader? Lists, IReadOnlyList<long> Lengths, uint Checksums)
{
    internal static void Check(SegmentHeader header, Action<bool, string, string> expect)
    {
        expect(header.Segment > 0, $"segment {header.Segment}", "a number from 1");
        expect(header.Count is > 0 and <= IndexFormat.MaxRows, $"count {header.Count}", $"1 to {IndexFormat.MaxRows}");
        expect(header.Identity.Dimension is > 0 and <= 1 << 20, $"dimension {header.Identity.Dimension}", $"1 to {1 << 20}");
        expect(header.Lengths.Count == IndexFormat.SegmentFiles.Length, $"{header.Lengths.Count} lengths", $"{IndexFormat.SegmentFiles.Length}");
        expect(header.Lists is null or { Count: > 0, Probes: > 0, Groups: > 0 }, $"lists {header.Lists}", "lists with probes and groups");
        expect(header.Lists is null || (header.Lists.Count <= header.Count && header.Lists.Probes <= header.Lists.Count && header.Lists.Groups <= header.Count),
            $"lists {header.Lists}", $"at most {header.Count} lists and groups, and no more probes than lists");

        (long n, long d, long lists) = (header.Count, header.Identity.Dimension, header.Lists?.Count ?? 0);
        long listed = lists > 0 ? n : 0;
        long[] lengths =
        [
            16 * n, 16 * n, 8L * IndexFormat.SlotCount(header.Count), 8 * (n + 1), -1, 8 * (n + 1), -1,
            n * d * VectorCodec.Size(header.Type), header.Type == VectorType.Int8 ? 4 * n : 0,
            4 * lists * d, lists > 0 ? 4 * (lists + 1) : 0, 4 * listed, (header.Lists?.Groups ?? 0L) * 64 * ((d + 3) / 4), 4 * listed,
        ];
        for (int f = 0; f < lengths.Length; f++)
            expect(lengths[f] < 0 ? header.Lengths[f] is >= 0 and < 1L << 50 : header.Lengths[f] == lengths[f], $"length {header.Lengths[f]} of {IndexFormat.SegmentFiles[f]}", $"{lengths[f]}");

        long next = 0;
        foreach (FieldRange? field in header.Fields)
        {
            expect(field is { Name: not null } && field.First == next && field.Count > 0, $"field {field}", $"a field of some rows from {next} on");
            next += field!.Count;
        }
        expect(next == n, $"fields of {next} rows together", $"{n}");
        expect(header.Fields.Select(f => f.Name).Distinct().Count() == header.Fields.Count, "a field twice", "each field once");
    }
}

/// <summary>The inverted lists of a segment.</summary>
/// <param name="Count">Number of lists.</param>
/// <param name="Probes">Lists that are searched unless the caller asks for another number: the fewest, to an eighth, that reached the recall asked for beyond chance when they were built.</param>
/// <param name="Recall">Share of the exact ten nearest rows that so many probes found, measured when the lists were built on rows of the segment, each without itself.</param>
/// <param name="Groups">Groups of 16 codes of all lists.</param>
public sealed record ListsHeader(int Count, int Probes, double Recall, int Groups);

/// <summary>The rows of one field in a segment: <paramref name="First"/> up to, without, <paramref name="First"/> + <paramref name="Count"/>.</summary>
public sealed record FieldRange(string Name, int First, int Count);
