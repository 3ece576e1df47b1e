using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>
/// Cross-entropy of rows of logits, in nats; the logits become their gradient in place.
/// Shapes: N rows, V vocabulary.
/// </summary>
static unsafe class CrossEntropyKernel<T> where T : ILanes
{
    /// <summary>Sum over rows of log Σ exp(logits) − logits[target].</summary>
    /// <param name="logits">[N,V]; afterwards (softmax − one-hot) · scale, unless scale is 0.</param>
    /// <param name="targets">[N].</param>
    /// <param name="n">N.</param>
    /// <param name="v">V.</param>
    /// <param name="scale">Factor of the gradient; 0: the logits stay.</param>
    /// <param name="threads">Threads.</param>
    public static double Run(void* logits, long* targets, long n, int v, float scale, int threads)
    {
        double[] losses = new double[n];
        Chunks.Run(n, Chunks.Rows(v), threads, (begin, end) =>
        {
            for (long row = begin; row < end; row++) losses[row] = Row(logits, row * v, targets[row], v, scale);
        });
        return losses.Sum();
    }

    static double Row(void* logits, long at, long target, int v, float scale)
    {
        Vector512<float> most = Vector512.Create(float.NegativeInfinity), sums = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= v; i += 16) most = Vector512.Max(most, T.Load(logits, at + i));
        float max = Lanes.Max(most), sum = 0;
        for (; i < v; i++) max = MathF.Max(max, T.Get(logits, at + i));
        for (i = 0; i + 16 <= v; i += 16) sums += Exponential.Of(T.Load(logits, at + i) - Vector512.Create(max));
        for (; i < v; i++) sum += Exponential.Of(T.Get(logits, at + i) - max);
        sum += Vector512.Sum(sums);
        float known = T.Get(logits, at + target);
        double loss = max + Math.Log(sum) - known;
        if (scale == 0) return loss;
        float factor = scale / sum;
        for (i = 0; i + 16 <= v; i += 16) T.Store(logits, at + i, Exponential.Of(T.Load(logits, at + i) - Vector512.Create(max)) * Vector512.Create(factor));
        for (; i < v; i++) T.Set(logits, at + i, Exponential.Of(T.Get(logits, at + i) - max) * factor);
        T.Set(logits, at + target, Exponential.Of(known - max) * factor - scale);
        return loss;
    }
}
