using System.Runtime.ExceptionServices;

namespace Larr.Index;

/// <summary>
/// A range of numbers worked off on all cores. The pieces do not depend on the number of threads, and of several failures the one of the
/// lowest piece is thrown, as it is, so that results and complaints are the same on any machine.
/// </summary>
static class ParallelRanges
{
    /// <summary>Runs <paramref name="work"/> on pieces of <paramref name="size"/> of [<paramref name="first"/>, <paramref name="end"/>).</summary>
    public static void Run(int first, int end, int size, Action<int, int> work) => Run(first, end, size, Environment.ProcessorCount, work);

    /// <summary>The same on so many <paramref name="threads"/>.</summary>
    public static void Run(int first, int end, int size, int threads, Action<int, int> work)
    {
        int pieces = (int)(((long)end - first + size - 1) / size);
        void Piece(int p) => work(first + (p * size), (int)Math.Min(end, first + ((p + 1L) * size)));
        if (pieces <= 1 || threads <= 1)
        {
            for (int p = 0; p < pieces; p++) Piece(p);
            return;
        }
        var failures = new Exception?[pieces];
        Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, (p, state) =>
        {
            try { Piece(p); }
            catch (Exception e)
            {
                failures[p] = e;
                state.Break();
            }
        });
        if (failures.FirstOrDefault(f => f is not null) is { } failure) ExceptionDispatchInfo.Capture(failure).Throw();
    }
}
