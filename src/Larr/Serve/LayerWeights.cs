using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Larr.Serve;

/// <summary>One pre-norm Transformer layer of the aggregation encoder (the trained <c>EncoderLayer</c>) over the tokens of one scene.</summary>
/// <remarks>T tokens, w width, H heads, d = w / H.</remarks>
sealed class LayerWeights(WeightFile weights, string name, int width, int heads)
{
    readonly LinearLayer _o = weights.Linear(name + "o", width, width);
    readonly LinearLayer _down = weights.Linear(name + "down", 2 * width, width);
    readonly LayerNormalization _norm2 = weights.Norm(name + "norm2", width);

    /// <summary>Before the projections.</summary>
    public LayerNormalization Norm1 { get; } = weights.Norm(name + "norm1", width);

    /// <summary>Queries, keys and values.</summary>
    public LinearLayer Qkv { get; } = weights.Linear(name + "qkv", width, 3 * width);

    /// <summary>First layer of the feed-forward network.</summary>
    public LinearLayer Up { get; } = weights.Linear(name + "up", width, 2 * width);

    /// <summary>Keys and values of all tokens, and queries of those that are answered: all, or the first alone.</summary>
    public void Project(Scratch s, int tokens, int paddedTokens, bool firstAlone)
    {
        for (int t = 0; t < tokens; t++) Norm1.Apply(s.X.Slice(t * s.Width, width), s.Mixed.Slice(t * s.Width, width));
        int keys = firstAlone ? width / 16 * 16 : 0;
        Qkv.Apply(s.Mixed, s.Width, paddedTokens, s.Qkv, keys, Qkv.Stride);
        Qkv.Apply(s.Mixed, s.Width, 1, s.Qkv, 0, keys);
    }

    /// <summary>Attention and feed-forward for the first <paramref name="answered"/> tokens.</summary>
    public void Mix(Scratch s, int tokens, int answered)
    {
        Attend(s, tokens, Math.Min(answered, tokens));
        Span<float> x = s.X[..(answered * s.Width)], out1 = s.Hidden[..(answered * s.Width)];
        _o.Apply(s.Mixed, s.Width, answered, out1);
        TensorPrimitives.Add(x, out1, x);
        Span<float> normed = s.Mixed[..(answered * s.Width)], hidden = s.Hidden[..(answered * Up.Stride)], out2 = s.Hidden.Slice(answered * Up.Stride, answered * s.Width);
        for (int t = 0; t < answered; t++) _norm2.Apply(x.Slice(t * s.Width, width), normed.Slice(t * s.Width, width));
        Up.Apply(normed, s.Width, answered, hidden);
        Gelu.Apply(hidden);
        _down.Apply(hidden, Up.Stride, answered, out2);
        TensorPrimitives.Add(x, out2, x);
    }

    // Keys are transposed first: then one query value times the keys of 16 tokens is one instruction and no sum runs across lanes.
    void Attend(Scratch s, int tokens, int answered)
    {
        int stride = s.Keys.Length / s.Width, d = width / heads;
        for (int t = 0; t < tokens; t++)
        {
            ReadOnlySpan<float> key = s.Qkv.Slice(t * s.QkvWidth + width, width);
            for (int c = 0; c < key.Length; c++) s.Keys[c * stride + t] = key[c];
        }
        float scale = 1 / MathF.Sqrt(d);
        Span<float> scores = s.Scores[..tokens];
        for (int t = 0; t < answered; t++)
        {
            for (int h = 0; h < heads; h++)
            {
                ReadOnlySpan<float> query = s.Qkv.Slice(t * s.QkvWidth + h * d, d);
                for (int block = 0; block < tokens; block += Vector512<float>.Count)
                {
                    Vector512<float> sum = Vector512<float>.Zero;
                    for (int c = 0; c < query.Length; c++)
                        sum = Vector512.FusedMultiplyAdd(Vector512.Create(query[c] * scale), Vector512.LoadUnsafe(ref s.Keys[(h * d + c) * stride + block]), sum);
                    sum.StoreUnsafe(ref s.Scores[block]);
                }
                TensorPrimitives.SoftMax(scores, scores);
                Blend(s.Qkv[(2 * width + h * d)..], s.QkvWidth, scores, s.Mixed.Slice(t * s.Width + h * d, d));
            }
        }
    }

    // Weighted sum of the tokens' values, d of them each.
    static void Blend(ReadOnlySpan<float> values, int stride, ReadOnlySpan<float> scores, Span<float> mixed)
    {
        int c = 0;
        for (; c <= mixed.Length - Vector512<float>.Count; c += Vector512<float>.Count)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int t = 0; t < scores.Length; t++)
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(scores[t]), Vector512.Create(values.Slice(t * stride + c, Vector512<float>.Count)), sum);
            sum.CopyTo(mixed[c..]);
        }
        for (; c <= mixed.Length - Vector128<float>.Count; c += Vector128<float>.Count)
        {
            Vector128<float> sum = Vector128<float>.Zero;
            for (int t = 0; t < scores.Length; t++)
                sum = Vector128.FusedMultiplyAdd(Vector128.Create(scores[t]), Vector128.Create(values.Slice(t * stride + c, Vector128<float>.Count)), sum);
            sum.CopyTo(mixed[c..]);
        }
        for (; c < mixed.Length; c++)
        {
            float sum = 0;
            for (int t = 0; t < scores.Length; t++) sum += scores[t] * values[t * stride + c];
            mixed[c] = sum;
        }
    }
}
