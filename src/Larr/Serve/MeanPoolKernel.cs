using System.Numerics.Tensors;
using Larr.Align;

namespace Larr.Serve;

/// <summary><see cref="MeanPoolScene"/>: each value is projected once, a scene is the mean of its projections.</summary>
sealed class MeanPoolKernel : SceneKernel
{
    readonly LinearLayer _project;

    public MeanPoolKernel(SceneArtefact artefact, WeightFile weights)
        : base(Kernels.Lanes.RoundUp(artefact.Dimension), 0, Kernels.Lanes.RoundUp(artefact.Dimension)) =>
        _project = weights.Linear("project", artefact.VectorWidth, artefact.Dimension);

    public override void Prepare(int field, ReadOnlySpan<float> vector, Span<float> prepared) => _project.Apply(vector, vector.Length, 1, prepared);

    public override void Encode(ReadOnlySpan<float> prepared, ReadOnlySpan<int> offsets, Span<float> scratch, Span<float> scene)
    {
        scene.Clear();
        foreach (int offset in offsets) TensorPrimitives.Add(scene, prepared.Slice(offset, PreparedWidth), scene);
        TensorPrimitives.Multiply(scene, 1f / offsets.Length, scene);
    }
}
