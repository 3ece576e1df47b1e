using System.Numerics;
using Larr.Embed;

namespace Larr.Index;

/// <summary>Writes a new generation aside: a segment of the rows that are fresh or compacted, and the files that say which rows of which segments are alive.</summary>
sealed class GenerationWriter(IndexFolder folder, IndexConfig config, VectorIdentity identity, IndexComparison comparison, Generation? live, float[][] vectors)
{
    readonly ReadOnlyMemory<int> _reused = comparison.Reused;

    /// <summary>Writes generation <paramref name="number"/>; everything is on the disk when it returns, under names that no reader looks for.</summary>
    public void Write(int number)
    {
        List<int>[] leaving = [.. Enumerable.Range(0, live?.Segments.Count ?? 0).Select(_ => new List<int>())]; // rows of each segment
        foreach (int row in comparison.Leaving)
            if (live!.SegmentOf(row) is var s) leaving[s].Add(row - live.FirstRow(s));
        int[] stay = [.. leaving.Select((l, s) => live!.Header.Segments[s].Live - l.Count)];
        bool[] anew = live is null ? [] : Compaction.Choose(live.Header.Segments, stay, comparison.Embedded.Count, config.CompactDead);

        int[] written = InOrder(comparison.Embedded.Concat(!anew.Contains(true) ? [] :
            Enumerable.Range(0, _reused.Length).Where(w => _reused.Span[w] >= 0 && anew[live!.SegmentOf(_reused.Span[w])])));
        var parts = new List<Part>();
        for (int s = 0; s < stay.Length; s++)
            if (stay[s] > 0 && !anew[s]) parts.Add(Kept(s, leaving[s], stay[s]));
        if (written.Length > 0) parts.Add(WriteSegment(number, written));
        parts.Sort((a, b) => GenerationHeader.InOrder(a.Use, b.Use) ? -1 : 1);
        WriteGeneration(number, parts);
    }

    /// <summary>A segment as the new generation uses it, with its rows' state.</summary>
    sealed record Part(SegmentUse Use, IReadOnlyList<FieldRange> Fields, ulong[] Dead, long[] Popularity);

    /// <summary>A segment of the live generation, less the rows that leave, with the popularities of now.</summary>
    Part Kept(int segment, List<int> leaving, int stay)
    {
        ulong[] dead = live!.DeadWords(segment).ToArray();
        long[] popularity = live.Popularities(segment).ToArray();
        foreach (int row in leaving)
        {
            dead[row >> 6] |= 1UL << (row & 63);
            popularity[row] = 0;
        }
        ReadOnlySpan<int> reused = _reused.Span;
        foreach (int w in comparison.Recounted)
            if (live.SegmentOf(reused[w]) == segment) popularity[reused[w] - live.FirstRow(segment)] = comparison.Wanted[w].Popularity;
        return new Part(live.Header.Segments[segment] with { Live = stay }, live.Segments[segment].Header.Fields, dead, popularity);
    }

    Part WriteSegment(int number, int[] written)
    {
        var place = new Dictionary<int, int>(comparison.Embedded.Count); // wanted row → its vector
        for (int e = 0; e < comparison.Embedded.Count; e++) place[comparison.Embedded[e]] = e;
        ReadOnlySpan<UInt128> ids = comparison.Ids.Span, hashes = comparison.Hashes.Span;
        ReadOnlySpan<int> reused = _reused.Span;
        string aside = folder.At(IndexFormat.BuildingSegment);
        Directory.CreateDirectory(aside);
        SegmentHeader header;
        using (var writer = new SegmentWriter(folder.Disk, aside, identity, config.Type))
        {
            foreach (int w in written)
            {
                if (reused[w] < 0) writer.Add(comparison.Wanted[w], ids[w], hashes[w], vectors[place[w]]);
                else
                {
                    int s = live!.SegmentOf(reused[w]);
                    writer.Add(comparison.Wanted[w], ids[w], hashes[w], live.Segments[s].Vectors, reused[w] - live.FirstRow(s));
                }
            }
            header = writer.Finish(number, config);
        }
        folder.Disk.Move(aside, folder.At(IndexFormat.SegmentName(number)));
        using Segment segment = Segment.Open(folder.At(IndexFormat.SegmentName(number)));
        return new Part(
            new SegmentUse(number, header.Count, header.Count, segment.HeaderChecksum), header.Fields,
            new ulong[IndexFormat.DeadWords(header.Count)], [.. written.Select(w => comparison.Wanted[w].Popularity)]);
    }

    void WriteGeneration(int number, List<Part> parts)
    {
        string aside = folder.At(IndexFormat.Building);
        Directory.CreateDirectory(aside);
        BlockWriter[] files = BlockFolder.Create(folder.Disk, aside, IndexFormat.GenerationFiles);
        try
        {
            foreach (Part part in parts) files[0].WriteAll<ulong>(part.Dead);
            foreach (Part part in parts) files[1].WriteAll<long>(part.Popularity);
            (long[] lengths, uint checksums) = BlockFolder.Finish(folder.Disk, aside, files);
            var header = new GenerationHeader(
                number, parts.Sum(p => p.Use.Live), config.Type, "cosine", identity, Fields(parts), [.. parts.Select(p => p.Use)], lengths, checksums);
            folder.Disk.Write(Path.Combine(aside, IndexFormat.Header), HeaderFile.Encode(IndexFormat.GenerationMagic, header));
            folder.Disk.FlushFolder(aside);
        }
        finally
        {
            foreach (BlockWriter file in files) file.Dispose();
        }
    }

    static List<FieldCount> Fields(List<Part> parts)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (Part part in parts)
            foreach (FieldRange field in part.Fields)
                counts[field.Name] = counts.GetValueOrDefault(field.Name) + Alive(part.Dead, field.First, field.First + field.Count);
        return [.. counts.Where(c => c.Value > 0).Select(c => new FieldCount(c.Key, c.Value))];
    }

    /// <summary>Bits that are 0 from <paramref name="first"/> up to <paramref name="end"/>.</summary>
    static int Alive(ulong[] dead, int first, int end)
    {
        int alive = 0;
        for (int at = first; at < end;)
        {
            int to = Math.Min(end, (at | 63) + 1);
            ulong bits = (ulong.MaxValue >> (64 - (to - at))) << (at & 63);
            alive += BitOperations.PopCount(~dead[at >> 6] & bits);
            at = to;
        }
        return alive;
    }

    /// <summary>Wanted rows by field, then value, ordinal.</summary>
    int[] InOrder(IEnumerable<int> rows)
    {
        var result = new List<int>();
        foreach (IGrouping<string, int> field in rows.GroupBy(w => comparison.Wanted[w].Field).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            int[] own = [.. field];
            Array.Sort(Array.ConvertAll(own, w => comparison.Wanted[w].Value), own, StringComparer.Ordinal);
            result.AddRange(own);
        }
        return [.. result];
    }
}
