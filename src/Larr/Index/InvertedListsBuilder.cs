namespace Larr.Index;

/// <summary>
/// Builds the inverted lists of a segment from its written vectors. Our own choices: 4·√N lists (faiss's advice for 10^6 rows), trained on 64 rows
/// for each list in 10 rounds. The same vectors give the same bytes on any number of threads.
/// </summary>
sealed class InvertedListsBuilder(StoredVectors vectors)
{
    const int RowsPerList = 64;
    const int Rounds = 10;

    /// <summary>Trains, assigns, writes the five files and finds how many lists must be read for the recall asked for.</summary>
    /// <param name="files">Centroids, starts, rows, codes, scales.</param>
    /// <param name="recall">Share of the exact ten nearest that a search must find.</param>
    public ListsHeader Write(ReadOnlySpan<BlockWriter> files, double recall)
    {
        (int n, int dimension) = (vectors.Count, vectors.Dimension);
        int lists = Math.Clamp((int)(4 * Math.Sqrt(n)), 1, Math.Max(1, n / RowsPerList));
        float[] centroids = SphericalKMeans.Train(Sample(lists * RowsPerList), dimension, lists, Rounds);
        int[] assigned = new int[n];
        using (var panels = new VectorPanels(centroids, dimension))
            SphericalKMeans.Assign(vectors.Rows, n, dimension, panels, assigned, new float[n]);
        (int[] starts, int[] rows) = SphericalKMeans.Group(assigned, lists);

        files[0].WriteAll<float>(centroids);
        files[1].WriteAll<int>(starts);
        files[2].WriteAll<int>(rows);
        float[] scales = new float[n];
        int groups = WriteCodes(files[3], starts, rows, scales);
        files[4].WriteAll<float>(scales);

        var written = new BlockFile[files.Length];
        for (int f = 0; f < files.Length; f++) written[f] = files[f].Reopen();
        try
        {
            using var built = new InvertedLists(new ListsHeader(lists, 1, 0, groups), vectors, written);
            (int probes, double reached) = ListRecall.Choose(vectors, built, recall);
            return new ListsHeader(lists, probes, reached, groups);
        }
        finally
        {
            foreach (BlockFile file in written) file.Dispose();
        }
    }

    /// <summary>Evenly spaced rows, [count, D].</summary>
    float[] Sample(int count)
    {
        count = Math.Min(count, vectors.Count);
        float[] sample = new float[checked(count * vectors.Dimension)];
        ParallelRanges.Run(0, count, 4096, (from, to) =>
        {
            for (int s = from; s < to; s++) vectors.Copy((int)((long)vectors.Count * s / count), 1, sample.AsSpan(s * vectors.Dimension, vectors.Dimension));
        });
        return sample;
    }

    /// <summary>Writes the codes list by list, some lists at a time on all cores; fills in the scales by position.</summary>
    int WriteCodes(BlockWriter file, int[] starts, int[] rows, float[] scales)
    {
        const int Together = 256;
        int padded = ListCodes.Padded(vectors.Dimension), groups = 0;
        for (int first = 0; first < starts.Length - 1; first += Together)
        {
            int count = Math.Min(Together, starts.Length - 1 - first);
            byte[][] codes = new byte[count][];
            ParallelRanges.Run(0, count, 8, (from, to) =>
            {
                float[] vector = new float[vectors.Dimension];
                sbyte[] row = new sbyte[vectors.Dimension];
                for (int list = from; list < to; list++)
                {
                    (int start, int end) = (starts[first + list], starts[first + list + 1]);
                    byte[] own = new byte[(end - start + ListCodes.Group - 1) / ListCodes.Group * ListCodes.Group * padded];
                    Array.Fill(own, (byte)128);
                    for (int p = start; p < end; p++)
                    {
                        vectors.Copy(rows[p], 1, vector);
                        scales[p] = VectorCodec.EncodeInt8(vector, row);
                        int at = p - start;
                        ListCodes.Place(row, at % ListCodes.Group, own.AsSpan(at / ListCodes.Group * ListCodes.Group * padded));
                    }
                    codes[list] = own;
                }
            });
            foreach (byte[] list in codes)
            {
                file.Write(list);
                groups += list.Length / (ListCodes.Group * padded);
            }
        }
        return groups;
    }
}
