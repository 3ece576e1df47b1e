using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larr.Serve;

/// <summary>
/// The attention of a trained DIN (arXiv 1706.06978). Its first layer reads [q, h, q − h, q ⊙ h]; by linearity that is (Wq + Wd) q, once per candidate,
/// plus (Wh − Wd) h, once per item of the history, plus Wp (q ⊙ h), once per pair: a quarter of the work.
/// </summary>
/// <remarks>d embedding dimension, L history length.</remarks>
sealed class DinAttention
{
    readonly LinearLayer _query, _key, _pair;
    readonly float[] _weigh;
    readonly float _bias;
    readonly int _dimension;

    public DinAttention(WeightFile weights, string name, int dimension)
    {
        _dimension = dimension;
        long[] shape = weights.Shape(name + "attend.weight");
        int width = (int)shape[0];
        float[] w = weights.Read(name + "attend.weight", width * 4 * dimension), bias = weights.Read(name + "attend.bias", width);
        _query = Part(w, bias, dimension, (row, k) => row[k] + row[2 * dimension + k]);
        _key = Part(w, [], dimension, (row, k) => row[dimension + k] - row[2 * dimension + k]);
        _pair = Part(w, [], dimension, (row, k) => row[3 * dimension + k]);
        _weigh = new float[_pair.Stride];
        weights.Read(name + "weigh.weight", width).CopyTo(_weigh, 0);
        _bias = weights.Read(name + "weigh.bias", 1)[0];
    }

    /// <summary>Floats of scratch memory for histories of <paramref name="length"/> items.</summary>
    public int ScratchLength(int length) => _query.Stride + length * (2 * _pair.Stride + _dimension);

    /// <summary>What of a history [L,d] does not depend on the candidate; it lies at the start of <paramref name="scratch"/>.</summary>
    public void Keys(ReadOnlySpan<float> history, int length, Span<float> scratch) => _key.Apply(history, _dimension, length, scratch[..(length * _key.Stride)]);

    /// <summary>One candidate's pooled vector [d] of a history whose <see cref="Keys"/> lie in <paramref name="scratch"/>.</summary>
    public void Pool(ReadOnlySpan<float> target, ReadOnlySpan<float> history, int length, Span<float> scratch, Span<float> pooled)
    {
        int stride = _pair.Stride;
        Span<float> keys = scratch[..(length * stride)], pairs = scratch.Slice(length * stride, length * stride);
        Span<float> query = scratch.Slice(2 * length * stride, stride), products = scratch.Slice(2 * length * stride + stride, length * _dimension);
        _query.Apply(target, _dimension, 1, query);
        for (int l = 0; l < length; l++)
            TensorPrimitives.Multiply(target, history.Slice(l * _dimension, _dimension), products.Slice(l * _dimension, _dimension));
        _pair.Apply(products, _dimension, length, pairs);
        pooled.Clear();
        for (int l = 0; l < length; l++)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int i = 0; i < stride; i += Vector512<float>.Count)
            {
                Vector512<float> hidden = At(pairs, l * stride + i) + At(keys, l * stride + i) + At(query, i);
                sum = Vector512.FusedMultiplyAdd(Vector512.Max(hidden, Vector512<float>.Zero), At(_weigh, i), sum);
            }
            TensorPrimitives.MultiplyAdd(history.Slice(l * _dimension, _dimension), Vector512.Sum(sum) + _bias, pooled, pooled);
        }
    }

    static Vector512<float> At(ReadOnlySpan<float> values, int at) => Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);

    static LinearLayer Part(float[] weights, float[] bias, int dimension, Func<float[], int, float> of)
    {
        int width = weights.Length / (4 * dimension);
        float[] part = new float[width * dimension];
        for (int o = 0; o < width; o++)
        {
            float[] row = weights[(o * 4 * dimension)..((o + 1) * 4 * dimension)];
            for (int k = 0; k < dimension; k++) part[o * dimension + k] = of(row, k);
        }
        return new LinearLayer(part, bias, dimension);
    }
}
