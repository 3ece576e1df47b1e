using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Ctr.Backbones;

/// <summary>The loops of <see cref="TargetPooling"/> for one head of one row.</summary>
/// <remarks>L history length, d embedding dimension.</remarks>
static unsafe class TargetPoolingLoops
{
    const int Lanes = 16;

    /// <summary>Fills the softmax [L] of the scores, 0 where the mask [L] is, and the mean [d] of the history [L,d] by it.</summary>
    internal static void Forward(float* query, float* history, float* mask, int length, int d, float* softmax, float* mean)
    {
        var weights = new Span<float>(softmax, length);
        for (int l = 0; l < length; l++) weights[l] = mask[l] == 0 ? float.NegativeInfinity : DotProduct.Of<Float32Lanes>(query, history + l * d, d);
        float most = length == 0 ? float.NegativeInfinity : TensorPrimitives.Max<float>(weights);
        if (float.IsNegativeInfinity(most)) weights.Clear();
        else
        {
            TensorPrimitives.Subtract(weights, most, weights);
            TensorPrimitives.Exp<float>(weights, weights);
            TensorPrimitives.Divide(weights, TensorPrimitives.Sum<float>(weights), weights);
        }
        int j = 0;
        for (; j <= d - Lanes; j += Lanes)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int l = 0; l < length; l++) sum += Vector512.Create(softmax[l]) * Vector512.Load(history + l * d + j);
            sum.Store(mean + j);
        }
        for (; j < d; j++)
        {
            mean[j] = 0;
            for (int l = 0; l < length; l++) mean[j] += softmax[l] * history[l * d + j];
        }
    }

    /// <summary>Fills the gradient of the query [d] and adds that of the history [L,d], given the one of the mean [d]; scratch has room for [L].</summary>
    internal static void Backward(float* gradient, float* query, float* history, float* softmax, int length, int d, float* scratch, float* ofQuery, float* ofHistory)
    {
        var ofScores = new Span<float>(scratch, length);
        var weights = new ReadOnlySpan<float>(softmax, length);
        for (int l = 0; l < length; l++) scratch[l] = softmax[l] == 0 ? 0 : DotProduct.Of<Float32Lanes>(gradient, history + l * d, d);
        TensorPrimitives.Subtract(ofScores, TensorPrimitives.Dot(weights, ofScores), ofScores);
        TensorPrimitives.Multiply(ofScores, weights, ofScores);
        int j = 0;
        for (; j <= d - Lanes; j += Lanes)
        {
            Vector512<float> sum = Vector512<float>.Zero, given = Vector512.Load(gradient + j), asked = Vector512.Load(query + j);
            for (int l = 0; l < length; l++)
            {
                float* item = ofHistory + l * d + j;
                Vector512<float> ofScore = Vector512.Create(scratch[l]);
                sum += ofScore * Vector512.Load(history + l * d + j);
                (Vector512.Load(item) + Vector512.Create(softmax[l]) * given + ofScore * asked).Store(item);
            }
            sum.Store(ofQuery + j);
        }
        for (; j < d; j++)
        {
            ofQuery[j] = 0;
            for (int l = 0; l < length; l++)
            {
                ofQuery[j] += scratch[l] * history[l * d + j];
                ofHistory[l * d + j] += softmax[l] * gradient[j] + scratch[l] * query[j];
            }
        }
    }
}
