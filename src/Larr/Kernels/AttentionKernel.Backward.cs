using System.Runtime.Intrinsics;

namespace Larr.Kernels;

sealed unsafe partial class AttentionKernel<T>
{
    /// <summary>
    /// Writes the gradient of qkv from that of y; the weights of attention are computed again strip by strip.
    /// With P the weights and O = P·V: ∂P = ∂O·Vᵀ, ∂S = P ∘ (∂P − rowsum(P ∘ ∂P)), ∂Q = ∂S·K, ∂K = ∂Sᵀ·Q, ∂V = Pᵀ·∂O.
    /// </summary>
    /// <param name="qkv">[N, (H+2K)·d].</param>
    /// <param name="gy">[N, H·d].</param>
    /// <param name="gradient">[N, (H+2K)·d]; rows outside all runs are left alone.</param>
    /// <param name="queryNormGradient">[d], written where queries are normalised.</param>
    /// <param name="keyNormGradient">[d], written where keys are.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="threads">Threads.</param>
    public void Backward(void* qkv, void* gy, void* gradient, float* queryNormGradient, float* keyNormGradient, IReadOnlyList<TokenRun> runs, int threads)
    {
        int width = shape.HeadWidth;
        float[] norms = new float[runs.Count * shape.KeyValueHeads * 2 * width]; // one partial sum for each item: the same bits on any number of threads
        Work(runs, threads, (run, shared, item, scratch) =>
        {
            fixed (float* mine = &norms[item * 2 * width]) BackwardItem(qkv, gy, gradient, run, shared, mine, mine + width, scratch);
        });
        if (queryNormGradient != null) Sum(norms, 0, queryNormGradient);
        if (keyNormGradient != null) Sum(norms, width, keyNormGradient);
    }

    void BackwardItem(void* qkv, void* gy, void* gradient, TokenRun run, int shared, float* gqn, float* gkn, Scratch scratch)
    {
        int length = run.Length, d = shape.Padded, long16 = Lanes.RoundUp(length);
        float* k = scratch.Take(long16 * d), v = scratch.Take(long16 * d), kt = scratch.Take(long16 * d), vt = scratch.Take(long16 * d);
        float* gk = scratch.Take(long16 * d), gv = scratch.Take(long16 * d);
        float* q = scratch.Take(Strip * d), go = scratch.Take(Strip * d), gq = scratch.Take(Strip * d);
        float* p = scratch.Take(Strip * long16), gs = scratch.Take(Strip * long16);
        Shared(qkv, run, shared, k, v);
        Transpose(k, kt, long16, d);
        Transpose(v, vt, long16, d);
        for (int h = shared * Group; h < (shared + 1) * Group; h++)
            for (int strip = 0; strip < length; strip += Strip)
            {
                int seen = Math.Min(strip + Strip, long16), first = shape.FirstSeen(strip), count = seen - first;
                Queries(qkv, run, h, strip, q);
                for (int r = 0; r < Strip; r++)
                {
                    if (strip + r < length) queries.Load(gy, ((long)(run.Begin + strip + r) * shape.Heads + h) * shape.HeadWidth, go + r * d);
                    else new Span<float>(go + r * d, d).Clear();
                }
                SmallProduct.Multiply(q, d, 1, kt + first, long16, p + first, long16, Strip, d, count, add: false);
                SmallProduct.Multiply(go, d, 1, vt + first, long16, gs + first, long16, Strip, d, count, add: false);
                for (int r = 0; r < Strip; r++)
                {
                    Softmax(p + r * long16, strip + r, first, seen);
                    ScoreGradient(p + r * long16, gs + r * long16, first, seen);
                }
                SmallProduct.Multiply(gs + first, long16, 1, k + first * d, d, gq, d, Strip, count, d, add: false);
                SmallProduct.Multiply(gs + first, 1, long16, q, d, gk + first * d, d, count, Strip, d, add: true);
                SmallProduct.Multiply(p + first, 1, long16, go, d, gv + first * d, d, count, Strip, d, add: true);
                for (int r = 0; r < Strip && strip + r < length; r++)
                    queries.Return(qkv, gradient, (long)(run.Begin + strip + r) * shape.RowWidth + h * shape.HeadWidth, strip + r, gq + r * d, gqn);
            }
        for (int t = 0; t < length; t++)
        {
            long row = (long)(run.Begin + t) * shape.RowWidth;
            keys.Return(qkv, gradient, row + (shape.Heads + shared) * shape.HeadWidth, t, gk + t * d, gkn);
            keys.Save(gv + t * d, gradient, row + (shape.Heads + shape.KeyValueHeads + shared) * shape.HeadWidth);
        }
    }

    static void ScoreGradient(float* p, float* g, int first, int seen)
    {
        var sums = Vector512<float>.Zero;
        for (int j = first; j < seen; j += 16)
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(p + j), Vector512.Load(g + j), sums);
        var sum = Vector512.Create(Vector512.Sum(sums));
        for (int j = first; j < seen; j += 16)
            Vector512.Store(Vector512.Load(p + j) * (Vector512.Load(g + j) - sum), g + j);
    }

    void Sum(float[] norms, int offset, float* to)
    {
        int width = shape.HeadWidth;
        new Span<float>(to, width).Clear();
        for (int item = offset; item < norms.Length; item += 2 * width)
            for (int i = 0; i < width; i++) to[i] += norms[item + i];
    }
}
