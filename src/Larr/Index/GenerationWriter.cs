using Larr.Embed;

namespace Larr.Index;

/// <summary>Writes a new generation aside: a segment of the rows that are fresh or compacted, and the files that say which rows of which segments are alive.</summary>
sealed class GenerationWriter(IndexFolder folder, IndexConfig config, VectorIdentity identity, IndexComparison comparison, Generation? live, float[][] vectors)
{
    readonly int[] _reused = comparison.Reused.ToArray();

    /// <summary>Writes generation <paramref name="number"/>; everything is on the disk when it returns, under names that no reader looks for.</summary>
    public void Write(int number)
    {
        int[] stay = new int[live?.Segments.Count ?? 0];
        int[] segmentOf = new int[_reused.Length];
        for (int w = 0; w < _reused.Length; w++)
            if (_reused[w] >= 0) stay[segmentOf[w] = live!.SegmentOf(_reused[w])]++;
        bool[] anew = live is null ? [] : Compaction.Choose(live.Header.Segments, stay, comparison.Embedded.Count, config.CompactDead);

        int[] written = InOrder([.. Enumerable.Range(0, _reused.Length).Where(w => _reused[w] < 0 || anew[segmentOf[w]])]);
        List<SegmentUse> uses = [];
        for (int s = 0; s < stay.Length; s++)
            if (stay[s] > 0 && !anew[s]) uses.Add(live!.Header.Segments[s] with { Live = stay[s] });
        if (written.Length > 0) uses.Add(WriteSegment(number, written));
        uses.Sort((a, b) => GenerationHeader.InOrder(a, b) ? -1 : 1);

        WriteGeneration(number, uses, RowNumbers(number, uses, written, segmentOf));
    }

    SegmentUse WriteSegment(int number, int[] written)
    {
        int[] place = new int[_reused.Length]; // of an embedded row's vector
        for (int e = 0; e < comparison.Embedded.Count; e++) place[comparison.Embedded[e]] = e;
        ReadOnlySpan<UInt128> ids = comparison.Ids.Span, hashes = comparison.Hashes.Span;
        string aside = folder.At(IndexFormat.BuildingSegment);
        Directory.CreateDirectory(aside);
        SegmentHeader header;
        using (var writer = new SegmentWriter(folder.Disk, aside, identity, config.Type))
        {
            foreach (int w in written)
            {
                if (_reused[w] < 0) writer.Add(comparison.Wanted[w], ids[w], hashes[w], vectors[place[w]]);
                else
                {
                    int s = live!.SegmentOf(_reused[w]);
                    writer.Add(comparison.Wanted[w], ids[w], hashes[w], live.Segments[s].Vectors, _reused[w] - live.FirstRow(s));
                }
            }
            header = writer.Finish(number, config);
        }
        folder.Disk.Move(aside, folder.At(IndexFormat.SegmentName(number)));
        using Segment segment = Segment.Open(folder.At(IndexFormat.SegmentName(number)));
        return new SegmentUse(number, header.Count, header.Count, segment.HeaderChecksum);
    }

    /// <summary>The row number in the new generation of each wanted row.</summary>
    int[] RowNumbers(int number, List<SegmentUse> uses, int[] written, int[] segmentOf)
    {
        var first = new Dictionary<int, int>();
        int next = 0;
        foreach (SegmentUse use in uses)
        {
            first[use.Segment] = next;
            next += use.Rows;
        }
        int[] shift = [.. Enumerable.Range(0, live?.Segments.Count ?? 0).Select(s => first.GetValueOrDefault(live!.Header.Segments[s].Segment) - live.FirstRow(s))];
        int[] rows = new int[_reused.Length];
        for (int w = 0; w < rows.Length; w++)
            if (_reused[w] >= 0) rows[w] = _reused[w] + shift[segmentOf[w]];
        for (int r = 0; r < written.Length; r++) rows[written[r]] = first[number] + r;
        return rows;
    }

    void WriteGeneration(int number, List<SegmentUse> uses, int[] rows)
    {
        int[] firstRow = new int[uses.Count + 1], firstWord = new int[uses.Count + 1];
        for (int s = 0; s < uses.Count; s++)
            (firstRow[s + 1], firstWord[s + 1]) = (firstRow[s] + uses[s].Rows, firstWord[s] + IndexFormat.DeadWords(uses[s].Rows));
        ulong[] dead = new ulong[firstWord[^1]];
        for (int s = 0; s < uses.Count; s++)
        {
            dead.AsSpan(firstWord[s]..firstWord[s + 1]).Fill(ulong.MaxValue);
            if (uses[s].Rows % 64 != 0) dead[firstWord[s + 1] - 1] = (1UL << (uses[s].Rows % 64)) - 1;
        }
        long[] popularity = new long[firstRow[^1]];
        for (int w = 0; w < rows.Length; w++)
        {
            int s = 0;
            while (rows[w] >= firstRow[s + 1]) s++;
            int local = rows[w] - firstRow[s];
            dead[firstWord[s] + (local >> 6)] &= ~(1UL << (local & 63));
            popularity[rows[w]] = comparison.Wanted[w].Popularity;
        }

        string aside = folder.At(IndexFormat.Building);
        Directory.CreateDirectory(aside);
        BlockWriter[] files = BlockFolder.Create(folder.Disk, aside, IndexFormat.GenerationFiles);
        try
        {
            files[0].WriteAll<ulong>(dead);
            files[1].WriteAll<long>(popularity);
            (long[] lengths, uint checksums) = BlockFolder.Finish(folder.Disk, aside, files);
            var header = new GenerationHeader(number, rows.Length, config.Type, "cosine", identity, Fields(), uses, lengths, checksums);
            folder.Disk.Write(Path.Combine(aside, IndexFormat.Header), HeaderFile.Encode(IndexFormat.GenerationMagic, header));
            folder.Disk.FlushFolder(aside);
        }
        finally
        {
            foreach (BlockWriter file in files) file.Dispose();
        }
    }

    List<FieldCount> Fields()
    {
        var counts = new Dictionary<string, int>();
        foreach (ValueText row in comparison.Wanted) counts[row.Field] = counts.GetValueOrDefault(row.Field) + 1;
        return [.. counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new FieldCount(c.Key, c.Value))];
    }

    /// <summary>Wanted rows by field, then value, ordinal.</summary>
    int[] InOrder(int[] rows)
    {
        var result = new List<int>(rows.Length);
        foreach (IGrouping<string, int> field in rows.GroupBy(w => comparison.Wanted[w].Field).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            int[] own = [.. field];
            Array.Sort(Array.ConvertAll(own, w => comparison.Wanted[w].Value), own, StringComparer.Ordinal);
            result.AddRange(own);
        }
        return [.. result];
    }
}
