using System.Numerics.Tensors;

namespace Larr.Serve;

/// <summary>The hidden layers of a trained <c>Mlp</c> in evaluation mode. Batch normalisation is folded into the linear layer before it.</summary>
sealed class HiddenLayers
{
    const float Epsilon = 1e-5f;
    readonly LinearLayer[] _layers;

    /// <summary>Layers of <paramref name="widths"/> on <paramref name="inputs"/> values; <paramref name="name"/> is the module's.</summary>
    public HiddenLayers(WeightFile weights, string name, int inputs, IReadOnlyList<int> widths)
    {
        _layers = new LinearLayer[widths.Count];
        for (int l = 0; l < _layers.Length; l++)
        {
            int from = l == 0 ? inputs : widths[l - 1], to = widths[l];
            float[] weight = weights.Read($"{name}linear.{l}.weight", from * to);
            bool normalised = weights.Has($"{name}norm.{l}.weight"); // and then there is no bias
            float[] bias = normalised ? new float[to] : weights.Read($"{name}linear.{l}.bias", to);
            if (normalised) Fold(weights, $"{name}norm.{l}.", weight, bias, from);
            _layers[l] = new LinearLayer(weight, bias, from);
        }
        ScratchPerRow = 2 * _layers.Max(l => l.Stride);
    }

    /// <summary>Values of the last layer.</summary>
    public int Outputs => _layers[^1].Outputs;

    /// <summary>Distance of output rows.</summary>
    public int Stride => _layers[^1].Stride;

    /// <summary>Floats of scratch memory per row.</summary>
    public int ScratchPerRow { get; }

    /// <summary>x [R, distance <paramref name="xStride"/>] → the last layer's output [R, <see cref="Stride"/>], which lies in <paramref name="scratch"/>.</summary>
    public Span<float> Apply(ReadOnlySpan<float> x, int xStride, int rows, Span<float> scratch)
    {
        int half = scratch.Length / 2;
        Span<float> y = default;
        for (int l = 0; l < _layers.Length; l++)
        {
            y = scratch.Slice(l % 2 * half, rows * _layers[l].Stride);
            _layers[l].Apply(x, xStride, rows, y);
            TensorPrimitives.Max(y, 0f, y);
            x = y;
            xStride = _layers[l].Stride;
        }
        return y;
    }

    // γ (Wx + b − μ) / √(σ² + ε) + β
    static void Fold(WeightFile weights, string name, float[] weight, float[] bias, int inputs)
    {
        int n = bias.Length;
        float[] gamma = weights.Read(name + "weight", n), beta = weights.Read(name + "bias", n);
        float[] mean = weights.Read(name + "running_mean", n), variance = weights.Read(name + "running_var", n);
        for (int o = 0; o < n; o++)
        {
            float scale = gamma[o] / MathF.Sqrt(variance[o] + Epsilon);
            bias[o] = (bias[o] - mean[o]) * scale + beta[o];
            TensorPrimitives.Multiply(weight.AsSpan(o * inputs, inputs), scale, weight.AsSpan(o * inputs, inputs));
        }
    }
}
