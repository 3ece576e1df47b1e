using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// Logistic regression (Richardson et al., Predicting clicks, WWW 2007): one weight per feature value. It reads identifiers alone: neither behaviours nor the
/// scene vector.
/// </summary>
public sealed class Lr() : Backbone(nameof(Lr))
{
    /// <inheritdoc/>
    public override int Outputs => 1;

    /// <inheritdoc/>
    public override int Logits => 1;

    /// <inheritdoc/>
    public override bool FirstOrder => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => x.narrow(1, x.size(1) - 1, 1); // [B,1]
}
