using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>The numbers of one AdamW update (arXiv 1711.05101).</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="Decay">Decoupled weight decay.</param>
/// <param name="Scale">Factor of the gradient: clipping.</param>
/// <param name="Step">Number of the update, from 1.</param>
readonly record struct AdamWUpdate(double Rate, double Beta1, double Beta2, double Epsilon, double Decay, double Scale, long Step);

/// <summary>AdamW in one pass over weights, gradient and moments; and the norm of a gradient.</summary>
static unsafe class AdamWKernel
{
    const long PerChunk = 1 << 16;

    /// <summary>Updates <paramref name="n"/> weights w and their moments m and v from the gradient g.</summary>
    public static void Update(float* w, float* g, float* m, float* v, long n, AdamWUpdate update, int threads)
    {
        float beta1 = (float)update.Beta1, beta2 = (float)update.Beta2, rest1 = (float)(1 - update.Beta1), rest2 = (float)(1 - update.Beta2);
        float keep = (float)(1 - update.Rate * update.Decay), scale = (float)update.Scale, epsilon = (float)update.Epsilon;
        float rate = (float)(update.Rate / (1 - Math.Pow(update.Beta1, update.Step))), correct = (float)(1 / Math.Sqrt(1 - Math.Pow(update.Beta2, update.Step)));
        Chunks.Run(n, PerChunk, threads, (begin, end) =>
        {
            long i = begin;
            for (; i + 16 <= end; i += 16)
            {
                Vector512<float> gradient = Vector512.Load(g + i) * Vector512.Create(scale);
                Vector512<float> first = Vector512.Load(m + i) * Vector512.Create(beta1) + gradient * Vector512.Create(rest1);
                Vector512<float> second = Vector512.Load(v + i) * Vector512.Create(beta2) + gradient * gradient * Vector512.Create(rest2);
                first.Store(m + i);
                second.Store(v + i);
                Vector512<float> move = first * Vector512.Create(rate) / (Vector512.Sqrt(second) * Vector512.Create(correct) + Vector512.Create(epsilon));
                (Vector512.Load(w + i) * Vector512.Create(keep) - move).Store(w + i);
            }
            for (; i < end; i++)
            {
                float gradient = g[i] * scale;
                m[i] = m[i] * beta1 + gradient * rest1;
                v[i] = v[i] * beta2 + gradient * gradient * rest2;
                w[i] = w[i] * keep - m[i] * rate / (MathF.Sqrt(v[i]) * correct + epsilon);
            }
        });
    }

    /// <summary>Sum of the squares of <paramref name="n"/> numbers.</summary>
    public static double SquaredNorm(float* g, long n, int threads)
    {
        double[] parts = new double[(n + PerChunk - 1) / PerChunk];
        Chunks.Run(n, PerChunk, threads, (begin, end) =>
        {
            Vector512<double> low = Vector512<double>.Zero, high = low;
            long i = begin;
            for (; i + 16 <= end; i += 16)
            {
                (Vector512<double> a, Vector512<double> b) = Vector512.Widen(Vector512.Load(g + i));
                low += a * a;
                high += b * b;
            }
            double sum = Vector512.Sum(low + high);
            for (; i < end; i++) sum += (double)g[i] * g[i];
            parts[begin / PerChunk] = sum;
        });
        return parts.Sum();
    }
}
