namespace Larr.Index;

/// <summary>
/// Which segments a refresh writes anew together with the fresh rows. Like a binary counter: a segment is absorbed when what is written anyway is
/// at least as large, so that there are never more than log₂ of them and a row is rewritten as seldom; and one with too many dead rows is.
/// </summary>
static class Compaction
{
    /// <summary>For each segment of the live generation: is it written anew?</summary>
    /// <param name="segments">The live segments.</param>
    /// <param name="stay">Rows of each that stay in the index with their vectors.</param>
    /// <param name="fresh">Rows to be written in any case.</param>
    /// <param name="deadShare">Share of dead rows from which a segment is written anew.</param>
    public static bool[] Choose(IReadOnlyList<SegmentUse> segments, int[] stay, int fresh, double deadShare)
    {
        bool[] anew = new bool[segments.Count];
        long written = fresh;
        for (int s = 0; s < segments.Count; s++)
        {
            anew[s] = stay[s] > 0 && segments[s].Rows - stay[s] >= deadShare * segments[s].Rows && stay[s] < segments[s].Rows;
            if (anew[s]) written += stay[s];
        }
        foreach (int s in Enumerable.Range(0, segments.Count).Where(s => stay[s] > 0 && !anew[s]).OrderBy(s => stay[s]).ThenBy(s => segments[s].Segment))
        {
            if (stay[s] > written) break;
            anew[s] = true;
            written += stay[s];
        }
        return anew;
    }
}
