using System.Numerics.Tensors;
using Larr.Align;

namespace Larr.Serve;

/// <summary><see cref="AttentionPoolScene"/>: token and score of each value are computed once, a scene is a softmax and a linear layer.</summary>
sealed class AttentionPoolKernel : SceneKernel
{
    readonly LinearLayer _project, _attend, _query, _down;
    readonly float[] _field;
    readonly int _width;

    // A prepared value is its token [w'] and its score, [16].
    public AttentionPoolKernel(SceneArtefact artefact, WeightFile weights)
        : base(Kernels.Lanes.RoundUp(artefact.Align.Width) + 16, Kernels.Lanes.RoundUp(artefact.Align.Width) + Kernels.Lanes.RoundUp(artefact.Fields.Count), Kernels.Lanes.RoundUp(artefact.Dimension))
    {
        _width = artefact.Align.Width;
        _project = weights.Linear("project", artefact.VectorWidth, _width);
        _attend = weights.Linear("attend", _width, _width);
        _query = weights.Linear("query", _width, 1, bias: false);
        _down = weights.Linear("down", _width, artefact.Dimension);
        _field = weights.Read("field", artefact.Fields.Count * _width);
    }

    public override void Prepare(int field, ReadOnlySpan<float> vector, Span<float> prepared)
    {
        Span<float> token = prepared[.._project.Stride], score = prepared[_project.Stride..];
        _project.Apply(vector, vector.Length, 1, token);
        TensorPrimitives.Add(token[.._width], _field.AsSpan(field * _width, _width), token[.._width]);
        float[] attended = new float[_attend.Stride];
        _attend.Apply(token, token.Length, 1, attended);
        TensorPrimitives.Tanh(attended, attended);
        _query.Apply(attended, attended.Length, 1, score);
    }

    public override void Encode(ReadOnlySpan<float> prepared, ReadOnlySpan<int> offsets, Span<float> scratch, Span<float> scene)
    {
        Span<float> pooled = scratch[.._project.Stride], weights = scratch.Slice(_project.Stride, offsets.Length);
        for (int i = 0; i < offsets.Length; i++) weights[i] = prepared[offsets[i] + _project.Stride];
        TensorPrimitives.SoftMax(weights, weights);
        pooled.Clear();
        for (int i = 0; i < offsets.Length; i++) TensorPrimitives.MultiplyAdd(prepared.Slice(offsets[i], _project.Stride), weights[i], pooled, pooled);
        _down.Apply(pooled, pooled.Length, 1, scene);
    }
}
