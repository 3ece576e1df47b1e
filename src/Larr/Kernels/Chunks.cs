namespace Larr.Kernels;

/// <summary>
/// Work cut into chunks of a fixed size, done by some threads. What a chunk computes does not hang on how many threads there
/// are, so that results have the same bits on one thread and on many.
/// </summary>
static class Chunks
{
    const long Least = 1 << 14; // numbers that are worth waking another thread for

    /// <summary>Rows of <paramref name="width"/> numbers that make up a chunk.</summary>
    public static long Rows(int width) => (Least + width - 1) / width;

    /// <summary>Calls <paramref name="work"/> with the begin and the end of every chunk of [0, <paramref name="count"/>).</summary>
    public static void Run(long count, long size, int threads, Action<long, long> work)
    {
        long chunks = (count + size - 1) / size;
        if (threads <= 1 || chunks <= 1)
        {
            for (long c = 0; c < chunks; c++) work(c * size, Math.Min(count, (c + 1) * size));
            return;
        }
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, c => work(c * size, Math.Min(count, (c + 1) * size)));
    }
}
