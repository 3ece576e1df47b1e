using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Align;

/// <summary>The loops of <see cref="SceneAttention"/> for one scene. Scores of a query are lanes of a register: keys are transposed so that a component of all tokens lies together.</summary>
/// <remarks>T tokens, T' = T rounded up to 16, A answered tokens, H heads, w width, d = w / H.</remarks>
sealed unsafe class SceneAttentionLoops(int tokens, int answered, int heads, int width)
{
    const int Lanes = 16, HalfLanes = 8;

    readonly int _depth = width / heads, _padded = Kernels.Lanes.RoundUp(tokens);
    readonly float _scale = 1 / MathF.Sqrt(width / heads);

    /// <summary>A.</summary>
    internal int Answered => answered;

    /// <summary>w.</summary>
    internal int Width => width;

    /// <summary>Numbers of a scene's queries, keys and values.</summary>
    internal int ProjectedPerScene => 3 * tokens * width;

    /// <summary>Numbers of a scene's weights, [A,H,T'].</summary>
    internal int WeightsPerScene => answered * heads * _padded;

    /// <summary>Numbers of scratch: transposed keys or values [w,T'], and gradients of scores [A,H,T'].</summary>
    internal int Scratch => width * _padded + WeightsPerScene;

    /// <summary>From projected [T,3w]: the weights [A,H,T'], zero beyond T, and the mixed values [A,w].</summary>
    internal void Forward(float* projected, float* scratch, float* weights, float* mixed)
    {
        float* keys = projected + width, values = projected + 2 * width;
        Transpose(keys, scratch);
        for (int h = 0; h < heads; h++)
        {
            int first = h * _depth;
            for (int i = 0; i < answered; i++)
            {
                float* p = weights + (i * heads + h) * _padded;
                Products(projected + i * 3 * width + first, scratch + first * _padded, p);
                Softmax(p);
            }
            Sum(answered, weights + h * _padded, heads * _padded, tokens, 1, values + first, 3 * width, mixed + first, width);
        }
    }

    /// <summary>From the gradient of the mixed values [A,w]: that of projected [T,3w].</summary>
    internal void Backward(float* gradient, float* projected, float* scratch, float* weights, float* ofProjected)
    {
        float* keys = projected + width, values = projected + 2 * width;
        int row = 3 * width;
        for (int t = answered; t < tokens; t++) new Span<float>(ofProjected + t * row, width).Clear(); // queries of tokens that are not answered
        Transpose(values, scratch);
        float* ofScores = scratch + width * _padded;
        for (int h = 0; h < heads; h++)
        {
            (int first, int of, int next) = (h * _depth, h * _padded, heads * _padded);
            for (int i = 0; i < answered; i++)
            {
                Products(gradient + i * width + first, scratch + first * _padded, ofScores + of + i * next);
                OfSoftmax(weights + of + i * next, ofScores + of + i * next);
            }
            Sum(answered, ofScores + of, next, tokens, 1, keys + first, row, ofProjected + first, row);
            Sum(tokens, ofScores + of, 1, answered, next, projected + first, row, ofProjected + width + first, row);
            Sum(tokens, weights + of, 1, answered, next, gradient + first, width, ofProjected + 2 * width + first, row);
        }
    }

    // Keys or values, 3w apart → [w,T'], zero beyond T.
    void Transpose(float* from, float* transposed)
    {
        new Span<float>(transposed, width * _padded).Clear();
        for (int j = 0; j < tokens; j++)
            for (int c = 0; c < width; c++) transposed[c * _padded + j] = from[j * 3 * width + c];
    }

    // x [d] times each token's transposed part → [T'].
    void Products(float* x, float* transposed, float* products)
    {
        for (int j = 0; j < _padded; j += Lanes)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int c = 0; c < _depth; c++) sum = Vector512.FusedMultiplyAdd(Vector512.Create(x[c]), Vector512.Load(transposed + c * _padded + j), sum);
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

    // to [rows,d] = Σ over terms of factors [rows,terms] times x [terms,d], each with distances of its own.
    void Sum(int rows, float* factors, int rowStep, int terms, int termStep, float* x, int xStep, float* to, int toStep)
    {
        for (int c = 0; c < _depth; c += HalfLanes)
        {
            int r = 0;
            if (c <= _depth - HalfLanes)
            {
                for (; r <= rows - 4; r += 4) SumFour(factors + r * rowStep, rowStep, terms, termStep, x + c, xStep, to + r * toStep + c, toStep);
                for (; r < rows; r++)
                {
                    Vector256<float> sum = Vector256<float>.Zero;
                    for (int t = 0; t < terms; t++) sum = Vector256.FusedMultiplyAdd(Vector256.Create(factors[r * rowStep + t * termStep]), Vector256.Load(x + t * xStep + c), sum);
                    sum.Store(to + r * toStep + c);
                }
            }
            for (; r < rows; r++)
            {
                for (int rest = c; rest < _depth; rest++)
                {
                    float sum = 0;
                    for (int t = 0; t < terms; t++) sum += factors[r * rowStep + t * termStep] * x[t * xStep + rest];
                    to[r * toStep + rest] = sum;
                }
            }
        }
    }

    // The same for four rows and eight columns.
    static void SumFour(float* factors, int rowStep, int terms, int termStep, float* x, int xStep, float* to, int toStep)
    {
        Vector256<float> sum0 = Vector256<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int t = 0; t < terms; t++)
        {
            Vector256<float> value = Vector256.Load(x);
            sum0 = Vector256.FusedMultiplyAdd(Vector256.Create(factors[0]), value, sum0);
            sum1 = Vector256.FusedMultiplyAdd(Vector256.Create(factors[rowStep]), value, sum1);
            sum2 = Vector256.FusedMultiplyAdd(Vector256.Create(factors[2 * rowStep]), value, sum2);
            sum3 = Vector256.FusedMultiplyAdd(Vector256.Create(factors[3 * rowStep]), value, sum3);
            factors += termStep;
            x += xStep;
        }
        sum0.Store(to);
        sum1.Store(to + toStep);
        sum2.Store(to + 2 * toStep);
        sum3.Store(to + 3 * toStep);
    }
}
