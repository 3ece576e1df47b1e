using System.Numerics.Tensors;

namespace Larr.Ctr;

/// <summary>The loops of <see cref="TargetPooling"/> for one head of one row.</summary>
/// <remarks>L history length, d embedding dimension.</remarks>
static class TargetPoolingLoops
{
    /// <summary>Fills the softmax of the scores [L], 0 where the mask is, and the mean [d] of the history [L,d] by it.</summary>
    internal static void Forward(ReadOnlySpan<float> query, ReadOnlySpan<float> history, ReadOnlySpan<float> mask, Span<float> weights, Span<float> pooled)
    {
        int d = query.Length;
        for (int l = 0; l < mask.Length; l++) weights[l] = mask[l] == 0 ? float.NegativeInfinity : TensorPrimitives.Dot(query, history.Slice(l * d, d));
        float max = weights.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max<float>(weights);
        if (float.IsNegativeInfinity(max))
        {
            weights.Clear();
            return;
        }
        TensorPrimitives.Subtract(weights, max, weights);
        TensorPrimitives.Exp<float>(weights, weights);
        TensorPrimitives.Divide(weights, TensorPrimitives.Sum<float>(weights), weights);
        for (int l = 0; l < mask.Length; l++)
            if (weights[l] != 0) TensorPrimitives.MultiplyAdd(history.Slice(l * d, d), weights[l], pooled, pooled);
    }

    /// <summary>Adds the gradients of query [d] and history [L,d], given that of the mean; <paramref name="dw"/> [L] is overwritten.</summary>
    internal static void Backward(
        ReadOnlySpan<float> gradient, ReadOnlySpan<float> query, ReadOnlySpan<float> history, ReadOnlySpan<float> weights, Span<float> dw, Span<float> dq, Span<float> dx)
    {
        int d = query.Length;
        for (int l = 0; l < weights.Length; l++) dw[l] = weights[l] == 0 ? 0 : TensorPrimitives.Dot(gradient, history.Slice(l * d, d));
        float mean = TensorPrimitives.Dot(weights, dw);
        for (int l = 0; l < weights.Length; l++)
        {
            if (weights[l] == 0) continue;
            float ofScore = weights[l] * (dw[l] - mean);
            Span<float> item = dx.Slice(l * d, d);
            TensorPrimitives.MultiplyAdd(history.Slice(l * d, d), ofScore, dq, dq);
            TensorPrimitives.MultiplyAdd(gradient, weights[l], item, item);
            TensorPrimitives.MultiplyAdd(query, ofScore, item, item);
        }
    }
}
