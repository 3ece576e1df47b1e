using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>DeepFM (arXiv 1703.04247): a factorisation machine and a multilayer perceptron on the same embeddings, their logits added.</summary>
public sealed class DeepFm : Backbone
{
    readonly Mlp mlp;
    readonly BackboneShape _shape;

    /// <summary>A factorisation machine and hidden layers on vectors of <paramref name="shape"/>.</summary>
    public DeepFm(CtrConfig config, BackboneShape shape, int seed) : base(nameof(DeepFm))
    {
        _shape = shape;
        mlp = new Mlp(config, shape.Inputs, seed);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => mlp;

    /// <inheritdoc/>
    public override int Outputs => 2 + mlp.Outputs;

    /// <inheritdoc/>
    public override int Logits => 2;

    /// <inheritdoc/>
    public override bool FirstOrder => true;

    /// <inheritdoc/>
    public override void Restart(int epoch) => mlp.Restart(epoch);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) =>
        cat([x.narrow(1, _shape.Inputs, 1), Fm.Pairs(x, _shape), mlp.Apply(x.narrow(1, 0, _shape.Inputs), adapter)], 1); // [B, 2 + hidden]
}
