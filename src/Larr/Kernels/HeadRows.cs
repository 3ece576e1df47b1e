using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Larr.Kernels;

/// <summary>
/// Queries and keys between their stored form and the form that is multiplied: normalised per head where the model does so
/// (Qwen 3), turned by rotary positions (arXiv 2104.09864, half-split), scaled.
/// </summary>
/// <param name="width">d, width of a head.</param>
/// <param name="cos">Cosines [positions, d/2].</param>
/// <param name="sin">Sines of the same shape.</param>
/// <param name="weight">Weight of the norm [d]; null: no norm.</param>
/// <param name="epsilon">Of the norm.</param>
/// <param name="scale">Factor of the result.</param>
readonly unsafe struct HeadRows<T>(int width, float* cos, float* sin, float* weight, float epsilon, float scale) where T : ILanes
{
    readonly float* _cos = cos, _sin = sin, _weight = weight;

    /// <summary>The multiplied form, into <paramref name="to"/> [d].</summary>
    public void Prepare(void* stored, long at, int position, float* to)
    {
        Load(stored, at, to);
        float norm = scale;
        if (_weight != null)
        {
            norm *= InverseRootMeanSquare(to);
            TensorPrimitives.Multiply(Row(to), Row(_weight), Row(to));
        }
        int half = width / 2, j = 0;
        float* c = _cos + (long)position * half, s = _sin + (long)position * half;
        for (; j + 16 <= half; j += 16)
        {
            Vector512<float> a = Vector512.Load(to + j) * Vector512.Create(norm), b = Vector512.Load(to + half + j) * Vector512.Create(norm);
            Vector512<float> cosine = Vector512.Load(c + j), sine = Vector512.Load(s + j);
            (a * cosine - b * sine).Store(to + j);
            (b * cosine + a * sine).Store(to + half + j);
        }
        for (; j < half; j++)
        {
            float a = to[j] * norm, b = to[half + j] * norm;
            to[j] = a * c[j] - b * s[j];
            to[half + j] = b * c[j] + a * s[j];
        }
    }

    /// <summary>
    /// Turns the gradient <paramref name="g"/> [d] of the multiplied form into that of the stored form, and stores it; g is overwritten.
    /// The norm's gradient is added to <paramref name="gw"/> [d].
    /// </summary>
    public void Return(void* stored, void* gradient, long at, int position, float* g, float* gw)
    {
        int half = width / 2;
        float* c = _cos + (long)position * half, s = _sin + (long)position * half;
        int j = 0;
        for (; j + 16 <= half; j += 16)
        {
            Vector512<float> a = Vector512.Load(g + j) * Vector512.Create(scale), b = Vector512.Load(g + half + j) * Vector512.Create(scale);
            Vector512<float> cosine = Vector512.Load(c + j), sine = Vector512.Load(s + j);
            (a * cosine + b * sine).Store(g + j);
            (b * cosine - a * sine).Store(g + half + j);
        }
        for (; j < half; j++)
        {
            float a = g[j] * scale, b = g[half + j] * scale;
            g[j] = a * c[j] + b * s[j];
            g[half + j] = b * c[j] - a * s[j];
        }
        if (_weight != null)
        {
            float* x = stackalloc float[width];
            Load(stored, at, x);
            float norm = InverseRootMeanSquare(x), dot = 0;
            Vector512<float> dots = Vector512<float>.Zero;
            int i = 0;
            for (; i + 16 <= width; i += 16)
            {
                Vector512<float> above = Vector512.Load(g + i), value = Vector512.Load(x + i), weighted = above * Vector512.Load(_weight + i);
                Vector512.FusedMultiplyAdd(above, value * Vector512.Create(norm), Vector512.Load(gw + i)).Store(gw + i);
                weighted.Store(g + i);
                dots = Vector512.FusedMultiplyAdd(weighted, value, dots);
            }
            for (; i < width; i++)
            {
                gw[i] += g[i] * x[i] * norm;
                g[i] *= _weight[i];
                dot += g[i] * x[i];
            }
            float along = (dot + Vector512.Sum(dots)) * norm * norm * norm / width;
            for (i = 0; i + 16 <= width; i += 16) (Vector512.Load(g + i) * Vector512.Create(norm) - Vector512.Load(x + i) * Vector512.Create(along)).Store(g + i);
            for (; i < width; i++) g[i] = g[i] * norm - x[i] * along;
        }
        Save(g, gradient, at);
    }

    /// <summary>Reads a stored head.</summary>
    public void Load(void* stored, long at, float* to)
    {
        int i = 0;
        for (; i + 16 <= width; i += 16) T.Load(stored, at + i).Store(to + i);
        for (; i < width; i++) to[i] = T.Get(stored, at + i);
    }

    /// <summary>Stores a head.</summary>
    public void Save(float* from, void* stored, long at)
    {
        int i = 0;
        for (; i + 16 <= width; i += 16) T.Store(stored, at + i, Vector512.Load(from + i));
        for (; i < width; i++) T.Set(stored, at + i, from[i]);
    }

    float InverseRootMeanSquare(float* x)
    {
        float square = 0;
        Vector512<float> squares = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= width; i += 16)
        {
            Vector512<float> value = Vector512.Load(x + i);
            squares = Vector512.FusedMultiplyAdd(value, value, squares);
        }
        for (; i < width; i++) square += x[i] * x[i];
        return 1 / MathF.Sqrt((square + Vector512.Sum(squares)) / width + epsilon);
    }

    Span<float> Row(float* head) => new(head, width);
}
