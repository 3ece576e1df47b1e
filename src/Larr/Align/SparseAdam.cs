using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// Adam (arXiv 1412.6980) on the touched rows of an <see cref="EmbeddingTable"/>. Moments and step count belong to a row, so a row sees
/// exactly the Adam of the steps in which it was touched. L2 regularisation is lazy as well: it acts on a row when the row is touched.
/// </summary>
/// <param name="table">The table to train.</param>
/// <param name="learningRate">Step size.</param>
/// <param name="l2">Added to a touched row's gradient, times its weights.</param>
public sealed class SparseAdam(EmbeddingTable table, float learningRate, float l2 = 0)
{
    const float Beta1 = .9f, Beta2 = .999f, Epsilon = 1e-8f;

    // Beyond this many steps the corrections are one to float precision.
    static readonly (float First, float SecondRoot)[] s_corrections =
        [.. Enumerable.Range(1, 1 << 15).Select(k => ((float)(1 - Math.Pow(Beta1, k)), (float)Math.Sqrt(1 - Math.Pow(Beta2, k))))];

    readonly float[] _first = new float[table.Weights.Length];
    readonly float[] _second = new float[table.Weights.Length];
    readonly int[] _steps = new int[table.Rows];
    readonly int[] _slots = new int[table.Rows];
    int[] _touched = [];
    float[] _sums = [];

    /// <summary>Sums the gradients of equal ids and takes one Adam step on each of their rows.</summary>
    /// <param name="ids">Row numbers as they were gathered; negative ones are skipped.</param>
    /// <param name="gradient">Gradient of the gathered tensor, [ids, dimension].</param>
    public void Step(ReadOnlySpan<int> ids, Tensor gradient)
    {
        using Tensor host = gradient.to(CPU).contiguous();
        int count = Sum(ids, MemoryMarshal.Cast<byte, float>(host.bytes));
        int d = table.Dimension;
        for (int s = 0; s < count; s++)
        {
            int row = _touched[s];
            _slots[row] = 0;
            (float first, float secondRoot) = s_corrections[Math.Min(_steps[row]++, s_corrections.Length - 1)];
            // w − lr·(m / c1) / (√v / √c2 + ε) = w − (lr·√c2 / c1)·m / (√v + ε·√c2)
            Update(table.Row(row), _sums.AsSpan(s * d, d), _first.AsSpan(row * d, d), _second.AsSpan(row * d, d),
                learningRate * secondRoot / first, Epsilon * secondRoot);
        }
    }

    int Sum(ReadOnlySpan<int> ids, ReadOnlySpan<float> gradient)
    {
        int d = table.Dimension;
        if (_touched.Length < ids.Length) (_touched, _sums) = (new int[ids.Length], new float[ids.Length * d]);
        int count = 0;
        for (int n = 0; n < ids.Length; n++)
        {
            if (ids[n] < 0) continue;
            ref int slot = ref _slots[ids[n]];
            ReadOnlySpan<float> from = gradient.Slice(n * d, d);
            if (slot == 0)
            {
                _touched[count++] = ids[n];
                slot = count;
                from.CopyTo(_sums.AsSpan((slot - 1) * d, d));
            }
            else Add(_sums.AsSpan((slot - 1) * d, d), from);
        }
        return count;
    }

    static void Add(Span<float> to, ReadOnlySpan<float> from)
    {
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) + new Vector<float>(from[i..])).CopyTo(to[i..]);
        for (; i < to.Length; i++) to[i] += from[i];
    }

    void Update(Span<float> w, ReadOnlySpan<float> sum, Span<float> m, Span<float> v, float rate, float epsilon)
    {
        int i = 0;
        for (; i <= w.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var weight = new Vector<float>(w[i..]);
            Vector<float> g = new Vector<float>(sum[i..]) + l2 * weight;
            Vector<float> first = Beta1 * new Vector<float>(m[i..]) + (1 - Beta1) * g;
            Vector<float> second = Beta2 * new Vector<float>(v[i..]) + (1 - Beta2) * g * g;
            first.CopyTo(m[i..]);
            second.CopyTo(v[i..]);
            (weight - rate * first / (Vector.SquareRoot(second) + new Vector<float>(epsilon))).CopyTo(w[i..]);
        }
        for (; i < w.Length; i++)
        {
            float g = sum[i] + l2 * w[i];
            m[i] = Beta1 * m[i] + (1 - Beta1) * g;
            v[i] = Beta2 * v[i] + (1 - Beta2) * g * g;
            w[i] -= rate * m[i] / (MathF.Sqrt(v[i]) + epsilon);
        }
    }
}
