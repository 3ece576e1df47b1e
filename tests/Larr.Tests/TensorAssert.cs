using static TorchSharp.torch;

namespace Larr.Tests;

/// <summary>Tensors compared value by value.</summary>
static class TensorAssert
{
    /// <summary>Same shape, and no value further apart than <paramref name="tolerance"/>.</summary>
    public static void Near(Tensor expected, Tensor actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, tolerance);
    }
}
