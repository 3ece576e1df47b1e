using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Larr.Features;

/// <summary>
/// Adam (arXiv 1412.6980) on the touched rows of an <see cref="EmbeddingTable"/>, following dense Adam with L2 regularisation in the gradient: steps that
/// missed a row are made up when it is next read, <see cref="Reach"/> of them at most (our choice). Without regularisation those are the first ones, after which
/// the momentum has died out and the second moment alone decays, in one product; with it the newest ones, and a row so rarely seen is close to zero.
/// </summary>
/// <param name="table">The table to train.</param>
/// <param name="learningRate">Step size.</param>
/// <param name="l2">Added to a row's gradient in every step, times its weights.</param>
public sealed class SparseAdam(EmbeddingTable table, float learningRate, float l2 = 0) : SparseOptimizer(table, learningRate, l2)
{
    const float Beta1 = .9f, Beta2 = .999f, Epsilon = 1e-8f;
    const int MomentumReach = 128, DecayReach = 1024;

    readonly float[] _first = new float[table.Weights.Length];
    readonly float[] _second = new float[table.Weights.Length];

    // Step k (from 1) is w − rate·m / (√v + epsilon) with rate = lr·√c2 / c1 and epsilon = ε·√c2, where c1 and c2 correct Adam's bias.
    readonly List<Size> _sizes = [default];

    /// <summary>The greatest number of missed steps that are made up.</summary>
    public int Reach => L2 > 0 ? DecayReach : MomentumReach;

    /// <inheritdoc/>
    protected override void Begin(int step)
    {
        double secondRoot = Math.Sqrt(1 - Math.Pow(Beta2, step));
        _sizes.Add(new Size((float)(LearningRate * secondRoot / (1 - Math.Pow(Beta1, step))), (float)(Epsilon * secondRoot)));
    }

    /// <inheritdoc/>
    protected override void Update(int row, ReadOnlySpan<float> gradient) => Run(row, gradient, Sizes(Steps - 1, Steps));

    /// <inheritdoc/>
    protected override void Miss(int row, int from, int to)
    {
        if (L2 > 0 || to - from < MomentumReach)
        {
            Run(row, default, Sizes(Math.Max(from, to - Reach), to));
            return;
        }
        Run(row, default, Sizes(from, from + MomentumReach));
        // Momentum that has died out is taken away before it becomes a number that processors are slow with.
        _first.AsSpan(Table.Start(row), Table.Width(row)).Clear();
        Span<float> second = _second.AsSpan(Table.Start(row), Table.Width(row));
        TensorPrimitives.Multiply(second, MathF.Pow(Beta2, to - from - MomentumReach), second);
    }

    /// <inheritdoc/>
    protected override void SaveState(BinaryWriter writer)
    {
        writer.Write(MemoryMarshal.AsBytes<float>(_first));
        writer.Write(MemoryMarshal.AsBytes<float>(_second));
        writer.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_sizes)));
    }

    /// <inheritdoc/>
    protected override void LoadState(BinaryReader reader)
    {
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_first.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_second.AsSpan()));
        CollectionsMarshal.SetCount(_sizes, Steps + 1);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_sizes)));
    }

    ReadOnlySpan<Size> Sizes(int from, int to) => CollectionsMarshal.AsSpan(_sizes).Slice(from + 1, to - from);

    /// <summary>Takes some steps on a row, each with the same gradient (none where it is empty).</summary>
    void Run(int row, ReadOnlySpan<float> gradient, ReadOnlySpan<Size> sizes)
    {
        int start = Table.Start(row), d = Table.Width(row), width = Vector<float>.Count;
        Span<float> weights = Table.Row(row), first = _first.AsSpan(start, d), second = _second.AsSpan(start, d);
        for (int i = 0; i < d; i += width)
        {
            int count = Math.Min(width, d - i);
            (Vector<float> w, Vector<float> m, Vector<float> v) = (Load(weights.Slice(i, count)), Load(first.Slice(i, count)), Load(second.Slice(i, count)));
            Vector<float> data = gradient.IsEmpty ? default : Load(gradient.Slice(i, count));
            foreach (Size size in sizes)
            {
                Vector<float> g = data + L2 * w;
                m = Beta1 * m + (1 - Beta1) * g;
                v = Beta2 * v + (1 - Beta2) * g * g;
                w -= size.Rate * m / (Vector.SquareRoot(v) + new Vector<float>(size.Epsilon));
            }
            Store(w, weights.Slice(i, count));
            Store(m, first.Slice(i, count));
            Store(v, second.Slice(i, count));
        }
    }

    /// <summary>A vector from as many values as there are; zero beyond them.</summary>
    static Vector<float> Load(ReadOnlySpan<float> values)
    {
        if (values.Length == Vector<float>.Count) return new Vector<float>(values);
        Span<float> padded = stackalloc float[Vector<float>.Count];
        padded.Clear();
        values.CopyTo(padded);
        return new Vector<float>(padded);
    }

    static void Store(Vector<float> vector, Span<float> values)
    {
        if (values.Length == Vector<float>.Count) vector.CopyTo(values);
        else for (int i = 0; i < values.Length; i++) values[i] = vector[i];
    }

    readonly record struct Size(float Rate, float Epsilon);
}
