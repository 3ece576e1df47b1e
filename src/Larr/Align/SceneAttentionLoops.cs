using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Align;

/// <summary>The loops of <see cref="SceneAttention"/> for one scene. Scores of a query are lanes of a register: keys are turned so that a component of all tokens lies together.</summary>
/// <remarks>T tokens, T' = T rounded up to 16, A answered tokens, H heads, w width, d = w / H.</remarks>
sealed unsafe class SceneAttentionLoops(int tokens, int answered, int heads, int width)
{
    const int Lanes = 16, HalfLanes = 8;

    readonly int _depth = width / heads, _padded = (tokens + Lanes - 1) / Lanes * Lanes;
    readonly float _scale = 1 / MathF.Sqrt(width / heads);

    /// <summary>A.</summary>
    internal int Answered => answered;

    /// <summary>w.</summary>
    internal int Width => width;

    /// <summary>Numbers of a scene's queries, keys and values.</summary>
    internal int ProjectedPerScene => 3 * tokens * width;

    /// <summary>Numbers of a scene's weights, [A,H,T'].</summary>
    internal int WeightsPerScene => answered * heads * _padded;

    /// <summary>Numbers of scratch: turned keys or values [w,T'], and a row of scores [T'].</summary>
    internal int Turned => (width + 1) * _padded;

    /// <summary>From projected [T,3w]: the weights [A,H,T'], zero beyond T, and the mixed values [A,w].</summary>
    internal void Forward(float* projected, float* turned, float* weights, float* mixed)
    {
        Turn(projected + width, turned);
        for (int i = 0; i < answered; i++)
        {
            for (int h = 0; h < heads; h++)
            {
                int first = h * _depth;
                float* query = projected + i * 3 * width + first, p = weights + (i * heads + h) * _padded, to = mixed + i * width + first;
                Products(query, turned + first * _padded, p);
                Softmax(p);
                new Span<float>(to, _depth).Clear();
                for (int j = 0; j < tokens; j++) Add(to, p[j], Value(projected, j) + first);
            }
        }
    }

    /// <summary>From the gradient of the mixed values [A,w]: that of projected [T,3w].</summary>
    internal void Backward(float* gradient, float* projected, float* turned, float* weights, float* ofProjected)
    {
        new Span<float>(ofProjected, ProjectedPerScene).Clear();
        Turn(projected + 2 * width, turned);
        float* ofScores = turned + width * _padded;
        for (int i = 0; i < answered; i++)
        {
            for (int h = 0; h < heads; h++)
            {
                int first = h * _depth;
                float* g = gradient + i * width + first, p = weights + (i * heads + h) * _padded, query = projected + i * 3 * width + first;
                Products(g, turned + first * _padded, ofScores);
                OfSoftmax(p, ofScores);
                float* ofQuery = ofProjected + i * 3 * width + first;
                for (int j = 0; j < tokens; j++)
                {
                    Add(ofQuery, ofScores[j], Key(projected, j) + first);
                    Add(Key(ofProjected, j) + first, ofScores[j], query);
                    Add(Value(ofProjected, j) + first, p[j], g);
                }
            }
        }
    }

    float* Key(float* projected, int token) => projected + token * 3 * width + width;

    float* Value(float* projected, int token) => projected + token * 3 * width + 2 * width;

    // Keys or values, 3w apart → [w,T'], zero beyond T.
    void Turn(float* from, float* turned)
    {
        new Span<float>(turned, width * _padded).Clear();
        for (int j = 0; j < tokens; j++)
            for (int c = 0; c < width; c++) turned[c * _padded + j] = from[j * 3 * width + c];
    }

    // x [d] times each token's turned part → [T'].
    void Products(float* x, float* turned, float* products)
    {
        for (int j = 0; j < _padded; j += Lanes)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int c = 0; c < _depth; c++) sum = Vector512.FusedMultiplyAdd(Vector512.Create(x[c]), Vector512.Load(turned + c * _padded + j), sum);
            sum.Store(products + j);
        }
    }

    // Softmax of the scores times the scale; zero beyond T.
    void Softmax(float* scores)
    {
        float most = float.NegativeInfinity, sum = 0;
        for (int j = 0; j < tokens; j++) most = MathF.Max(most, scores[j]);
        for (int j = 0; j < _padded; j += Lanes)
        {
            Vector512<float> power = Exponential.Of((Vector512.Load(scores + j) - Vector512.Create(most)) * _scale);
            power = Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Create((float)j) + Vector512<float>.Indices, Vector512.Create((float)tokens)), power, Vector512<float>.Zero);
            sum += Vector512.Sum(power);
            power.Store(scores + j);
        }
        for (int j = 0; j < _padded; j += Lanes) (Vector512.Load(scores + j) / sum).Store(scores + j);
    }

    // From the gradient of the weights, in place: that of the products q · k.
    void OfSoftmax(float* weights, float* gradient)
    {
        Vector512<float> mean = Vector512<float>.Zero;
        for (int j = 0; j < _padded; j += Lanes) mean += Vector512.Load(weights + j) * Vector512.Load(gradient + j);
        Vector512<float> all = Vector512.Create(Vector512.Sum(mean));
        for (int j = 0; j < _padded; j += Lanes) (Vector512.Load(weights + j) * (Vector512.Load(gradient + j) - all) * _scale).Store(gradient + j);
    }

    // to [d] += factor · x [d].
    void Add(float* to, float factor, float* x)
    {
        int c = 0;
        for (; c <= _depth - HalfLanes; c += HalfLanes) Vector256.FusedMultiplyAdd(Vector256.Create(factor), Vector256.Load(x + c), Vector256.Load(to + c)).Store(to + c);
        for (; c < _depth; c++) to[c] += factor * x[c];
    }
}
