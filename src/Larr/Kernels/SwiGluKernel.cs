using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>
/// silu(g) · u of rows [g, u] (arXiv 2002.05202), and its gradients.
/// Shapes: N rows, F inner width; both [N,2F], y [N,F].
/// </summary>
static unsafe class SwiGluKernel<T> where T : ILanes
{
    /// <summary>y = silu(g)·u.</summary>
    public static void Forward(void* both, void* y, long n, int f, int threads) =>
        Chunks.Run(n, Chunks.Rows(f), threads, (begin, end) =>
        {
            for (long row = begin; row < end; row++)
            {
                long g = row * 2 * f, u = g + f, o = row * f;
                int i = 0;
                for (; i + 16 <= f; i += 16)
                {
                    Vector512<float> gate = T.Load(both, g + i);
                    T.Store(y, o + i, gate / (Vector512<float>.One + Exponential.Of(-gate)) * T.Load(both, u + i));
                }
                for (; i < f; i++)
                {
                    float gate = T.Get(both, g + i);
                    T.Set(y, o + i, gate / (1 + Exponential.Of(-gate)) * T.Get(both, u + i));
                }
            }
        });

    /// <summary>Gradient of [g, u] from that of y: with σ = sigmoid(g), (gy·u·σ·(1 + g·(1 − σ)), gy·g·σ).</summary>
    public static void Backward(void* both, void* gy, void* gradient, long n, int f, int threads) =>
        Chunks.Run(n, Chunks.Rows(f), threads, (begin, end) =>
        {
            for (long row = begin; row < end; row++)
            {
                long g = row * 2 * f, u = g + f, o = row * f;
                int i = 0;
                for (; i + 16 <= f; i += 16)
                {
                    Vector512<float> gate = T.Load(both, g + i), above = T.Load(gy, o + i);
                    Vector512<float> sigma = Vector512<float>.One / (Vector512<float>.One + Exponential.Of(-gate));
                    T.Store(gradient, g + i, above * T.Load(both, u + i) * sigma * (Vector512<float>.One + gate * (Vector512<float>.One - sigma)));
                    T.Store(gradient, u + i, above * gate * sigma);
                }
                for (; i < f; i++)
                {
                    float gate = T.Get(both, g + i), above = T.Get(gy, o + i), sigma = 1 / (1 + Exponential.Of(-gate));
                    T.Set(gradient, g + i, above * T.Get(both, u + i) * sigma * (1 + gate * (1 - sigma)));
                    T.Set(gradient, u + i, above * gate * sigma);
                }
            }
        });
}
