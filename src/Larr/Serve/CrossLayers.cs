using System.Numerics.Tensors;

namespace Larr.Serve;

/// <summary>The cross network of a trained DCN-V2 (arXiv 2008.13535): x' = x₀ ⊙ (W x + b) + x.</summary>
sealed class CrossLayers(WeightFile weights, string name, int inputs, int layers)
{
    readonly LinearLayer[] _layers = [.. Enumerable.Range(0, layers).Select(l => weights.Linear($"{name}{l}", inputs, inputs))];

    /// <summary>Floats of scratch memory per row.</summary>
    public int ScratchPerRow => 2 * Kernels.Lanes.RoundUp(inputs);

    /// <summary>x₀ [R, distance <paramref name="stride"/>], a multiple of 16 with zeros from the inputs on → the last x, which lies in <paramref name="scratch"/>.</summary>
    public Span<float> Apply(ReadOnlySpan<float> x0, int stride, int rows, Span<float> scratch)
    {
        Span<float> x = scratch[..(rows * stride)], product = scratch.Slice(rows * stride, rows * stride);
        x0[..x.Length].CopyTo(x);
        foreach (LinearLayer layer in _layers)
        {
            layer.Apply(x, stride, rows, product);
            TensorPrimitives.MultiplyAdd(x0[..x.Length], product, x, x);
        }
        return x;
    }
}
