using System.Runtime.Intrinsics;
using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>Gradients of the weights of <see cref="LocalActivation"/>, summed over a block of rows.</summary>
/// <remarks>d embedding dimension, A width of the unit; A' and d' rounded up to 16.</remarks>
sealed unsafe class LocalActivationSums
{
    const int Lanes = 16;

    readonly int _a, _d; // A', d'
    readonly float[] _numbers; // asked, items, pairs [d',A'] each, bias [A'], weigh [A'], bias of the second layer

    /// <summary>All zero.</summary>
    internal LocalActivationSums(LocalActivationWeights weights)
    {
        (_a, _d) = (weights.PaddedWidth, weights.PaddedDimension);
        _numbers = new float[3 * _a * _d + 2 * _a + 1];
    }

    /// <summary>Adds what an item of the history gives to the second layer.</summary>
    /// <param name="hidden">Before ReLU, [A'].</param>
    /// <param name="gradient">Of the item's weight.</param>
    internal void AddWeigh(float* hidden, float gradient)
    {
        fixed (float* weigh = &_numbers[3 * _a * _d + _a])
            for (int a = 0; a < _a; a += Lanes)
                (Vector512.Load(weigh + a) + Vector512.Max(Vector512.Load(hidden + a), Vector512<float>.Zero) * gradient).Store(weigh + a);
        _numbers[^1] += gradient;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="target">The item shown, [d'].</param>
    /// <param name="ofAsked">Gradient of the part that it decides alone, [A'].</param>
    /// <param name="ofMatrix">Gradient of what its history is multiplied with, [d',A'].</param>
    internal void Add(float* target, float* ofAsked, float* ofMatrix)
    {
        fixed (float* asked = _numbers)
        {
            float* items = asked + _a * _d, pairs = items + _a * _d, bias = pairs + _a * _d;
            for (int a = 0; a < _a; a += Lanes) (Vector512.Load(bias + a) + Vector512.Load(ofAsked + a)).Store(bias + a);
            for (int c = 0; c < _d; c++)
            {
                Vector512<float> q = Vector512.Create(target[c]);
                for (int a = 0; a < _a; a += Lanes)
                {
                    int at = c * _a + a;
                    Vector512<float> of = Vector512.Load(ofMatrix + at);
                    (Vector512.Load(asked + at) + q * Vector512.Load(ofAsked + a)).Store(asked + at);
                    (Vector512.Load(items + at) + of).Store(items + at);
                    (Vector512.Load(pairs + at) + q * of).Store(pairs + at);
                }
            }
        }
    }

    /// <summary>The blocks' sums in their order: gradients of the first layer's weight [A,4d] and bias [A] and of the second's weight [1,A] and bias [1].</summary>
    internal static Tensor[] Gradients(IReadOnlyList<LocalActivationSums> blocks, LocalActivationWeights weights)
    {
        int width = weights.Width, dimension = weights.Dimension, wide = weights.PaddedWidth, size = wide * weights.PaddedDimension;
        double[] sums = new double[3 * size + 2 * wide + 1];
        foreach (LocalActivationSums block in blocks) ColumnSums.Add(block._numbers, sums);
        float[,] weight = new float[width, 4 * dimension];
        for (int a = 0; a < width; a++)
        {
            for (int c = 0; c < dimension; c++)
            {
                (double asked, double items, double pairs) = (sums[c * wide + a], sums[size + c * wide + a], sums[2 * size + c * wide + a]);
                (weight[a, c], weight[a, dimension + c], weight[a, 2 * dimension + c], weight[a, 3 * dimension + c]) = ((float)asked, (float)items, (float)(asked - items), (float)pairs);
            }
        }
        float[] Part(int from) => Array.ConvertAll(sums[from..(from + width)], v => (float)v);
        using Tensor weigh = tensor(Part(3 * size + wide));
        return [tensor(weight), tensor(Part(3 * size)), weigh.view(1, width), tensor(new[] { (float)sums[^1] })];
    }
}
