using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// Factorisation machine (Rendle, ICDM 2010): first-order weights, and the inner products of all pairs of vectors as half of the square of
/// their sum without their squares.
/// </summary>
/// <remarks>B rows, M vectors, d embedding dimension.</remarks>
public sealed class Fm(BackboneShape shape) : Backbone(nameof(Fm))
{
    /// <inheritdoc/>
    public override int Outputs => 2;

    /// <inheritdoc/>
    public override int Logits => 2;

    /// <inheritdoc/>
    public override bool FirstOrder => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => cat([x.narrow(1, shape.Inputs, 1), Pairs(x, shape)], 1); // [B,2]

    /// <summary>Σ over pairs of vectors of their inner product: x [B,I] → [B,1].</summary>
    public static Tensor Pairs(Tensor x, BackboneShape shape)
    {
        using var scope = NewDisposeScope();
        Tensor vectors = x.narrow(1, 0, shape.Inputs).reshape(-1, shape.Vectors, shape.Dimension); // [B,M,d]
        return ((vectors.sum(1).square() - vectors.square().sum(1)).sum(1, keepdim: true) / 2).MoveToOuterDisposeScope(); // [B,1]
    }
}
