using System.Numerics.Tensors;
using Larr.Align;

namespace Larr.Serve;

/// <summary>
/// <see cref="AggregationEncoder"/> for one scene. A value's token and its first layer's query, key and value are computed once; the last
/// layer answers for <c>&lt;agg&gt;</c> alone.
/// </summary>
/// <remarks>n fields, T = n + 1 tokens, w width, w' = w rounded up to 16. A prepared value is token [w'], then query, key and value [(3w)'].</remarks>
sealed class TransformerKernel : SceneKernel
{
    readonly LinearLayer _project, _up, _down, _skip;
    readonly LayerWeights[] _layers;
    readonly LayerNormalization _norm;
    readonly float[] _field, _agg;
    readonly int _width, _tokens, _paddedTokens;

    public TransformerKernel(SceneArtefact artefact, WeightFile weights) : base(
        Kernels.Lanes.RoundUp(artefact.Align.Width) + Kernels.Lanes.RoundUp(3 * artefact.Align.Width),
        Scratch.Length(artefact), Kernels.Lanes.RoundUp(artefact.Dimension))
    {
        (_width, _tokens) = (artefact.Align.Width, artefact.Fields.Count + 1);
        _paddedTokens = Scratch.PaddedTokens(artefact);
        _project = weights.Linear("project", artefact.VectorWidth, _width);
        _field = weights.Read("field", artefact.Fields.Count * _width);
        _layers = [.. Enumerable.Range(0, artefact.Align.Layers).Select(l => new LayerWeights(weights, $"layers.{l}.", _width, artefact.Align.Heads))];
        _norm = weights.Norm("norm", _width);
        _up = weights.Linear("up", _width, _width);
        _down = weights.Linear("down", _width, artefact.Dimension);
        _skip = weights.Linear("skip", _width, artefact.Dimension);
        _agg = new float[PreparedWidth];
        weights.Read("agg", _width).CopyTo(_agg, 0);
        Project(_agg);
    }

    public override void Prepare(int field, ReadOnlySpan<float> vector, Span<float> prepared)
    {
        _project.Apply(vector, vector.Length, 1, prepared[.._project.Stride]);
        TensorPrimitives.Add(prepared[.._width], _field.AsSpan(field * _width, _width), prepared[.._width]);
        Project(prepared);
    }

    void Project(Span<float> prepared)
    {
        float[] normed = new float[_project.Stride];
        _layers[0].Norm1.Apply(prepared[.._width], normed.AsSpan(0, _width));
        _layers[0].Qkv.Apply(normed, normed.Length, 1, prepared[_project.Stride..]);
    }

    public override void Encode(ReadOnlySpan<float> prepared, ReadOnlySpan<int> offsets, Span<float> scratch, Span<float> scene)
    {
        var s = new Scratch(scratch, _project.Stride, _layers[0].Qkv.Stride, _layers[0].Up.Stride, _paddedTokens);
        int w = s.Width;
        _agg.AsSpan(0, w).CopyTo(s.X);
        _agg.AsSpan(w).CopyTo(s.Qkv);
        s.X[(_tokens * w)..].Clear();
        Span<float> mean = s.Mean;
        mean.Clear();
        for (int i = 0; i < offsets.Length; i++)
        {
            ReadOnlySpan<float> token = prepared.Slice(offsets[i], w);
            token.CopyTo(s.X[((i + 1) * w)..]);
            prepared.Slice(offsets[i] + w, s.QkvWidth).CopyTo(s.Qkv[((i + 1) * s.QkvWidth)..]);
            TensorPrimitives.Add(mean, token, mean);
        }
        for (int l = 0; l < _layers.Length; l++)
        {
            bool last = l == _layers.Length - 1;
            if (l > 0) _layers[l].Project(s, _tokens, _paddedTokens, last);
            _layers[l].Mix(s, _tokens, last ? 1 : _paddedTokens);
        }
        Span<float> x = s.X[.._width];
        TensorPrimitives.MultiplyAdd(mean[.._width], 1f / offsets.Length, x, x);
        _norm.Apply(x, x);
        Span<float> hidden = s.Hidden[.._up.Stride];
        _up.Apply(x, w, 1, hidden);
        Gelu.Apply(hidden);
        _skip.Apply(x, w, 1, scene);
        Span<float> down = s.Hidden.Slice(_up.Stride, _down.Stride);
        _down.Apply(hidden, _up.Stride, 1, down);
        TensorPrimitives.Add(scene, down, scene);
    }
}
