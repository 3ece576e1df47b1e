using System.Numerics.Tensors;

namespace Larr.Serve;

/// <summary>The attention of a trained <c>TargetAttention</c> (SIM's exact search unit, arXiv 2006.05639): keys and values once per item of the history, a query per candidate.</summary>
/// <remarks>d embedding dimension, d' = d rounded up to 16, L history length.</remarks>
sealed class MultiHeadAttention(WeightFile weights, string name, int dimension, int heads)
{
    readonly LinearLayer _query = weights.Linear(name + "query", dimension, dimension, bias: false);
    readonly LinearLayer _key = weights.Linear(name + "key", dimension, dimension, bias: false);
    readonly LinearLayer _value = weights.Linear(name + "value", dimension, dimension, bias: false);

    /// <summary>Floats of scratch memory for histories of <paramref name="length"/> items.</summary>
    public int ScratchLength(int length) => 2 * length * _key.Stride + _query.Stride + length;

    /// <summary>Keys [L,d'] and values [L,d'] of a history [L,d], at the start of <paramref name="scratch"/>.</summary>
    public void Keys(ReadOnlySpan<float> history, int length, Span<float> scratch)
    {
        _key.Apply(history, dimension, length, scratch[..(length * _key.Stride)]);
        _value.Apply(history, dimension, length, scratch.Slice(length * _key.Stride, length * _key.Stride));
    }

    /// <summary>One candidate's pooled vector [d] of a history whose <see cref="Keys"/> lie in <paramref name="scratch"/>.</summary>
    public void Pool(ReadOnlySpan<float> target, int length, Span<float> scratch, Span<float> pooled)
    {
        int stride = _key.Stride, width = dimension / heads;
        ReadOnlySpan<float> keys = scratch[..(length * stride)], values = scratch.Slice(length * stride, length * stride);
        Span<float> query = scratch.Slice(2 * length * stride, stride), scores = scratch.Slice(2 * length * stride + stride, length);
        _query.Apply(target, dimension, 1, query);
        pooled.Clear();
        for (int h = 0; h < heads; h++)
        {
            ReadOnlySpan<float> q = query.Slice(h * width, width);
            for (int l = 0; l < length; l++) scores[l] = TensorPrimitives.Dot(q, keys.Slice(l * stride + h * width, width)) / MathF.Sqrt(width);
            TensorPrimitives.SoftMax(scores, scores);
            Span<float> own = pooled.Slice(h * width, width);
            for (int l = 0; l < length; l++) TensorPrimitives.MultiplyAdd(values.Slice(l * stride + h * width, width), scores[l], own, own);
        }
    }
}
