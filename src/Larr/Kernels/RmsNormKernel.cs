using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>
/// Root mean square normalisation (arXiv 1910.07467) of a float32 stream, with the addition that comes before it in a pre-norm
/// layer: s = x + a, h = s / rms(s) · w. One pass over memory each way.
/// Shapes: N rows, D width. T: type of a and h.
/// </summary>
static unsafe class RmsNormKernel<T> where T : ILanes
{
    /// <summary>Sums and normalises.</summary>
    /// <param name="x">[N,D] float32.</param>
    /// <param name="a">[N,D], or null: s is x.</param>
    /// <param name="w">[D] float32.</param>
    /// <param name="s">[N,D] float32, written where a is given.</param>
    /// <param name="h">[N,D], written.</param>
    /// <param name="n">N.</param>
    /// <param name="d">D.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="threads">Threads.</param>
    public static void Forward(float* x, void* a, float* w, float* s, void* h, long n, int d, float epsilon, int threads) =>
        Chunks.Run(n, Chunks.Rows(d), threads, (begin, end) =>
        {
            for (long row = begin; row < end; row++)
            {
                float* sum = x + row * d;
                if (a != null)
                {
                    Add(sum, a, row * d, s + row * d, d);
                    sum = s + row * d;
                }
                float scale = Scale(sum, d, epsilon);
                int i = 0;
                for (; i + 16 <= d; i += 16) T.Store(h, row * d + i, Vector512.Load(sum + i) * Vector512.Create(scale) * Vector512.Load(w + i));
                for (; i < d; i++) T.Set(h, row * d + i, sum[i] * scale * w[i]);
            }
        });

    /// <summary>
    /// Gradients: that of s is <paramref name="gs"/> (or none) plus what comes through the norm; it is x's gradient and, rounded, a's.
    /// </summary>
    /// <param name="s">[N,D], what was normalised.</param>
    /// <param name="w">[D].</param>
    /// <param name="gh">[N,D], gradient of h.</param>
    /// <param name="gs">[N,D] float32, gradient that s has from elsewhere; null: none.</param>
    /// <param name="gx">[N,D] float32, written.</param>
    /// <param name="ga">[N,D], written where it is not null.</param>
    /// <param name="gw">[D], written.</param>
    /// <param name="n">N.</param>
    /// <param name="d">D.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="threads">Threads.</param>
    public static void Backward(float* s, float* w, void* gh, float* gs, float* gx, void* ga, float* gw, long n, int d, float epsilon, int threads)
    {
        long rows = Chunks.Rows(d);
        float[] partial = new float[(n + rows - 1) / rows * d];
        Chunks.Run(n, rows, threads, (begin, end) =>
        {
            Span<float> mine = partial.AsSpan((int)(begin / rows) * d, d);
            fixed (float* weight = mine)
                for (long row = begin; row < end; row++) BackwardRow(s + row * d, w, gh, row * d, gs == null ? null : gs + row * d, gx + row * d, ga, weight, d, epsilon);
        });
        new Span<float>(gw, d).Clear();
        for (int p = 0; p < partial.Length; p += d)
            for (int i = 0; i < d; i++) gw[i] += partial[p + i];
    }

    static void BackwardRow(float* s, float* w, void* gh, long at, float* gs, float* gx, void* ga, float* gw, int d, float epsilon)
    {
        float scale = Scale(s, d, epsilon), dot = 0;
        Vector512<float> dots = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= d; i += 16)
        {
            Vector512<float> g = T.Load(gh, at + i), v = Vector512.Load(s + i);
            dots = Vector512.FusedMultiplyAdd(g * Vector512.Load(w + i), v, dots);
            Vector512.FusedMultiplyAdd(g, v * Vector512.Create(scale), Vector512.Load(gw + i)).Store(gw + i);
        }
        for (; i < d; i++)
        {
            float g = T.Get(gh, at + i);
            dot += g * w[i] * s[i];
            gw[i] += g * s[i] * scale;
        }
        // With r = 1/rms: ∂h/∂s gives r·(g·w) − s·r³·mean(g·w·s).
        float along = (dot + Vector512.Sum(dots)) * scale * scale * scale / d;
        for (i = 0; i + 16 <= d; i += 16)
        {
            Vector512<float> gradient = Vector512.FusedMultiplyAdd(
                T.Load(gh, at + i) * Vector512.Load(w + i), Vector512.Create(scale), -Vector512.Load(s + i) * Vector512.Create(along));
            if (gs != null) gradient += Vector512.Load(gs + i);
            gradient.Store(gx + i);
            if (ga != null) T.Store(ga, at + i, gradient);
        }
        for (; i < d; i++)
        {
            gx[i] = T.Get(gh, at + i) * w[i] * scale - s[i] * along + (gs != null ? gs[i] : 0);
            if (ga != null) T.Set(ga, at + i, gx[i]);
        }
    }

    static void Add(float* x, void* a, long at, float* s, int d)
    {
        int i = 0;
        for (; i + 16 <= d; i += 16) (Vector512.Load(x + i) + T.Load(a, at + i)).Store(s + i);
        for (; i < d; i++) s[i] = x[i] + T.Get(a, at + i);
    }

    static float Scale(float* s, int d, float epsilon)
    {
        Vector512<float> squares = Vector512<float>.Zero;
        float square = 0;
        int i = 0;
        for (; i + 16 <= d; i += 16)
        {
            Vector512<float> v = Vector512.Load(s + i);
            squares = Vector512.FusedMultiplyAdd(v, v, squares);
        }
        for (; i < d; i++) square += s[i] * s[i];
        return 1 / MathF.Sqrt((square + Vector512.Sum(squares)) / d + epsilon);
    }
}
