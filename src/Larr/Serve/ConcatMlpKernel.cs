using System.Numerics.Tensors;
using Larr.Align;

namespace Larr.Serve;

/// <summary><see cref="ConcatMlpScene"/>: the first layer is a sum over fields, so each value's share of it is computed once.</summary>
sealed class ConcatMlpKernel : SceneKernel
{
    readonly LinearLayer[] _up; // per field
    readonly float[] _bias;
    readonly LinearLayer _down;

    public ConcatMlpKernel(SceneArtefact artefact, WeightFile weights)
        : base(Kernels.Lanes.RoundUp(artefact.Align.Width), Kernels.Lanes.RoundUp(artefact.Align.Width), Kernels.Lanes.RoundUp(artefact.Dimension))
    {
        (int n, int d, int width) = (artefact.Fields.Count, artefact.VectorWidth, artefact.Align.Width);
        float[] up = weights.Read("up.weight", width * n * d);
        _up = new LinearLayer[n];
        for (int f = 0; f < n; f++)
        {
            float[] own = new float[width * d];
            for (int o = 0; o < width; o++) up.AsSpan(o * n * d + f * d, d).CopyTo(own.AsSpan(o * d));
            _up[f] = new LinearLayer(own, [], d);
        }
        _bias = new float[PreparedWidth];
        weights.Read("up.bias", width).CopyTo(_bias, 0);
        _down = weights.Linear("down", width, artefact.Dimension);
    }

    public override void Prepare(int field, ReadOnlySpan<float> vector, Span<float> prepared) => _up[field].Apply(vector, vector.Length, 1, prepared);

    public override void Encode(ReadOnlySpan<float> prepared, ReadOnlySpan<int> offsets, Span<float> scratch, Span<float> scene)
    {
        Span<float> hidden = scratch[..PreparedWidth];
        _bias.CopyTo(hidden);
        foreach (int offset in offsets) TensorPrimitives.Add(hidden, prepared.Slice(offset, PreparedWidth), hidden);
        Gelu.Apply(hidden);
        _down.Apply(hidden, PreparedWidth, 1, scene);
    }
}
