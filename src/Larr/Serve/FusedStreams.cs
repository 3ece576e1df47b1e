using System.Numerics.Tensors;
using Larr.Ctr;
using Larr.Ctr.Inputs;

namespace Larr.Serve;

/// <summary>
/// The two streams of a trained <see cref="Ctr.Backbones.FinalMlp"/> (arXiv 2304.00902), each gated by its context, the user or the item, and their bilinear fusion.
/// </summary>
/// <remarks>R rows, I inputs, I' = I rounded up to 16, d embedding dimension, H and G outputs of the streams, k fusion heads.</remarks>
sealed class FusedStreams
{
    readonly GatedStream _first, _second;
    readonly LinearLayer[] _fusion; // per head aₖ → Wₖᵀ aₖ
    readonly float[] _nobody;
    readonly int _user, _item;

    /// <summary>Streams on <paramref name="inputs"/> values, of which the item's come first, if it is a feature, and the user's at position <paramref name="user"/>, unless it is −1.</summary>
    public FusedStreams(WeightFile weights, string name, int inputs, int user, CtrConfig config)
    {
        (_user, _item, _nobody) = (user, config.UseItemId ? CtrInputs.ItemField : -1, new float[config.EmbeddingDimension]);
        _first = new GatedStream(weights, name, "First", inputs, config.Hidden, config);
        _second = new GatedStream(weights, name, "Second", inputs, config.SecondHidden, config);
        (int k, int h, int g) = (config.FusionHeads, _first.Hidden.Outputs / config.FusionHeads, _second.Hidden.Outputs / config.FusionHeads);
        float[] fusion = weights.Read(name + "fusion", k * h * g); // [k,H/k,G/k]
        _fusion = new LinearLayer[k];
        for (int head = 0; head < k; head++)
        {
            float[] turned = new float[g * h];
            for (int i = 0; i < h; i++)
                for (int o = 0; o < g; o++) turned[o * h + i] = fusion[(head * h + i) * g + o];
            _fusion[head] = new LinearLayer(turned, [], h);
        }
        Stride = Kernels.Lanes.RoundUp(Outputs);
    }

    /// <summary>Values given to the heads: the fusion's logit, then both streams, 1 + H + G.</summary>
    public int Outputs => 1 + _first.Hidden.Outputs + _second.Hidden.Outputs;

    /// <summary>Distance of output rows.</summary>
    public int Stride { get; }

    /// <summary>Floats of scratch memory per row.</summary>
    public int ScratchPerRow => Stride + _fusion[0].Stride + _first.ScratchPerRow + _second.ScratchPerRow;

    /// <summary>x [R, distance <paramref name="xStride"/> = I'], zeros from the inputs on → [R, <see cref="Stride"/>], which lies in <paramref name="scratch"/>.</summary>
    public ReadOnlySpan<float> Apply(ReadOnlySpan<float> x, int xStride, int rows, Span<float> scratch)
    {
        Span<float> y = scratch[..(rows * Stride)], turned = scratch.Slice(y.Length, rows * _fusion[0].Stride);
        Span<float> firstScratch = scratch.Slice(y.Length + turned.Length, rows * _first.ScratchPerRow), secondScratch = scratch.Slice(y.Length + turned.Length + firstScratch.Length, rows * _second.ScratchPerRow);
        ReadOnlySpan<float> a = Stream(_first, _user, x, xStride, rows, firstScratch), b = Stream(_second, _item, x, xStride, rows, secondScratch);
        (int h, int g, int aStride, int bStride) = (_first.Hidden.Outputs, _second.Hidden.Outputs, _first.Hidden.Stride, _second.Hidden.Stride);
        for (int r = 0; r < rows; r++)
        {
            y[r * Stride] = 0;
            a.Slice(r * aStride, h).CopyTo(y[(r * Stride + 1)..]);
            b.Slice(r * bStride, g).CopyTo(y[(r * Stride + 1 + h)..]);
        }
        for (int k = 0; k < _fusion.Length; k++)
        {
            LinearLayer head = _fusion[k];
            head.Apply(a[(k * head.Inputs)..], aStride, rows, turned);
            for (int r = 0; r < rows; r++)
                y[r * Stride] += TensorPrimitives.Dot(turned.Slice(r * head.Stride, head.Outputs), b.Slice(r * bStride + k * head.Outputs, head.Outputs));
        }
        return y;
    }

    // A stream gated by the vector at a position of x, or by zeros where there is none.
    ReadOnlySpan<float> Stream(GatedStream stream, int context, ReadOnlySpan<float> x, int xStride, int rows, Span<float> scratch) =>
        context < 0 ? stream.Apply(x, xStride, _nobody, 0, rows, scratch) : stream.Apply(x, xStride, x[(context * _nobody.Length)..], xStride, rows, scratch);

    // A gate of twice the sigmoid of a small network of the context, one factor per input, and hidden layers.
    sealed class GatedStream(WeightFile weights, string name, string which, int inputs, IReadOnlyList<int> widths, CtrConfig config)
    {
        readonly LinearLayer _up = weights.Linear($"{name}gate{which}.up", config.EmbeddingDimension, config.GateWidth);
        readonly LinearLayer _down = weights.Linear($"{name}gate{which}.down", config.GateWidth, inputs);

        public HiddenLayers Hidden { get; } = new(weights, $"{name}{which.ToLowerInvariant()}.", inputs, widths);

        public int ScratchPerRow => _up.Stride + _down.Stride + Hidden.ScratchPerRow;

        public ReadOnlySpan<float> Apply(ReadOnlySpan<float> x, int xStride, ReadOnlySpan<float> context, int contextStride, int rows, Span<float> scratch)
        {
            Span<float> up = scratch[..(rows * _up.Stride)], gated = scratch.Slice(up.Length, rows * _down.Stride);
            _up.Apply(context, contextStride, rows, up);
            TensorPrimitives.Max(up, 0f, up);
            _down.Apply(up, _up.Stride, rows, gated);
            TensorPrimitives.Sigmoid(gated, gated);
            TensorPrimitives.Multiply(gated, 2f, gated);
            TensorPrimitives.Multiply(gated, x[..gated.Length], gated);
            return Hidden.Apply(gated, _down.Stride, rows, scratch.Slice(up.Length + gated.Length, rows * Hidden.ScratchPerRow));
        }
    }
}
