using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>
/// Causal grouped-query attention of runs of tokens laid end to end (arXiv 2305.13245), straight from the rows [q, k, v] of the
/// fused input map to rows of heads: norms of queries and keys, rotary positions, scores, softmax and sum in one pass, in
/// float32. Queries are taken in strips of sixteen, so that never more than [16, run] scores exist (as in arXiv 2205.14135);
/// runs do not see each other, and no mask is ever made.
/// </summary>
/// <param name="shape">Shape.</param>
/// <param name="cos">Rotary cosines [positions, d/2]; a token's position is its place in its run.</param>
/// <param name="sin">Rotary sines.</param>
/// <param name="queryNorm">Weight of the queries' norm [d], or null.</param>
/// <param name="keyNorm">Weight of the keys' norm [d], or null.</param>
sealed unsafe partial class AttentionKernel<T>(AttentionShape shape, float* cos, float* sin, float* queryNorm, float* keyNorm) where T : ILanes
{
    const int Strip = 16;
    const long FewestNumbers = 1 << 15; // that are worth waking another thread for

    readonly HeadRows<T> queries = new(shape.HeadWidth, cos, sin, queryNorm, shape.NormEpsilon, 1 / MathF.Sqrt(shape.HeadWidth));
    readonly HeadRows<T> keys = new(shape.HeadWidth, cos, sin, keyNorm, shape.NormEpsilon, 1);

    /// <summary>Writes y.</summary>
    /// <param name="qkv">[N, (H+2K)·d].</param>
    /// <param name="y">[N, H·d]; rows outside all runs are left alone.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="threads">Threads.</param>
    public void Forward(void* qkv, void* y, IReadOnlyList<TokenRun> runs, int threads) =>
        Work(runs, threads, (run, shared, item, scratch) =>
        {
            int length = run.Length, d = shape.Padded, long16 = Lanes.RoundUp(length);
            float* k = scratch.Take(long16 * d), v = scratch.Take(long16 * d), kt = scratch.Take(long16 * d), q = scratch.Take(Strip * d), o = scratch.Take(Strip * d), s = scratch.Take(Strip * long16);
            Shared(qkv, run, shared, k, v);
            Transpose(k, kt, long16, d);
            for (int h = shared * Group; h < (shared + 1) * Group; h++)
                for (int strip = 0; strip < length; strip += Strip)
                {
                    int seen = Math.Min(strip + Strip, long16), first = shape.FirstSeen(strip);
                    Queries(qkv, run, h, strip, q);
                    SmallProduct.Multiply(q, d, 1, kt + first, long16, s + first, long16, Strip, d, seen - first, add: false);
                    for (int r = 0; r < Strip; r++) Softmax(s + r * long16, strip + r, first, seen);
                    SmallProduct.Multiply(s + first, long16, 1, v + first * d, d, o, d, Strip, seen - first, d, add: false);
                    for (int r = 0; r < Strip && strip + r < length; r++)
                        queries.Save(o + r * d, y, ((long)(run.Begin + strip + r) * shape.Heads + h) * shape.HeadWidth);
                }
        });

    int Group => shape.Heads / shape.KeyValueHeads;

    /// <summary>Keys, multiplied form, and values of one head [run, d], padded with zeros.</summary>
    void Shared(void* qkv, TokenRun run, int head, float* k, float* v)
    {
        int d = shape.Padded;
        for (int t = 0; t < run.Length; t++)
        {
            long row = (long)(run.Begin + t) * shape.RowWidth;
            keys.Prepare(qkv, row + (shape.Heads + head) * shape.HeadWidth, t, k + t * d);
            keys.Load(qkv, row + (shape.Heads + shape.KeyValueHeads + head) * shape.HeadWidth, v + t * d);
        }
    }

    /// <summary>Queries of a strip [16, d], multiplied form; zeros beyond the run.</summary>
    void Queries(void* qkv, TokenRun run, int head, int strip, float* q)
    {
        int d = shape.Padded;
        for (int r = 0; r < Strip; r++)
        {
            if (strip + r < run.Length) queries.Prepare(qkv, (long)(run.Begin + strip + r) * shape.RowWidth + head * shape.HeadWidth, strip + r, q + r * d);
            else new Span<float>(q + r * d, d).Clear();
        }
    }

    /// <summary>Scores of one query become weights: 0 for what it does not see.</summary>
    void Softmax(float* s, int query, int first, int seen)
    {
        for (int j = query + 1; j < seen; j++) s[j] = float.NegativeInfinity;
        if (shape.Window > 0)
            for (int j = first; j <= query - shape.Window; j++) s[j] = float.NegativeInfinity;
        Vector512<float> most = Vector512.Create(float.NegativeInfinity), sum = Vector512<float>.Zero;
        for (int j = first; j < seen; j += 16) most = Vector512.Max(most, Vector512.Load(s + j));
        float max = Lanes.Max(most);
        for (int j = first; j < seen; j += 16)
        {
            Vector512<float> e = Exponential.Of(Vector512.Load(s + j) - Vector512.Create(max));
            sum += e;
            e.Store(s + j);
        }
        Vector512<float> share = Vector512.Create(1 / Vector512.Sum(sum));
        for (int j = first; j < seen; j += 16) (Vector512.Load(s + j) * share).Store(s + j);
    }

    static void Transpose(float* from, float* to, int rows, int columns)
    {
        for (int c = 0; c < columns; c++)
            for (int r = 0; r < rows; r++) to[c * rows + r] = from[r * columns + c];
    }

    delegate void Item(TokenRun run, int sharedHead, int item, Scratch scratch);

    /// <summary>One item of work per run and key/value head, long runs first.</summary>
    void Work(IReadOnlyList<TokenRun> runs, int threads, Item work)
    {
        int[] order = [.. Enumerable.Range(0, runs.Count).OrderByDescending(r => runs[r].Length)];
        if (order.Length == 0) return;
        int longest = Lanes.RoundUp(runs[order[0]].Length), heads = shape.KeyValueHeads;
        long most = (long)longest * shape.Padded * 7 + 2 * Strip * longest + 6 * Strip * shape.Padded + 1024;
        if (threads <= 1 || runs.Sum(r => (long)r.Length) * shape.RowWidth < FewestNumbers)
        {
            using var alone = new Scratch(most);
            for (int i = 0; i < order.Length * heads; i++) One(i, alone);
            return;
        }
        Parallel.For(0, order.Length * heads, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new Scratch(most), (i, _, scratch) =>
        {
            One(i, scratch);
            return scratch;
        }, scratch => scratch.Dispose());

        void One(int i, Scratch scratch)
        {
            scratch.Begin();
            int run = order[i / heads];
            work(runs[run], i % heads, run * heads + i % heads, scratch);
        }
    }
}
