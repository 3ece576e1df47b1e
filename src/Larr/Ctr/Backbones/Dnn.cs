using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>A multilayer perceptron on the concatenated embeddings.</summary>
public sealed class Dnn : Backbone
{
    readonly Mlp mlp;

    /// <summary>Hidden layers on <paramref name="inputs"/> values.</summary>
    public Dnn(CtrConfig config, int inputs, int seed) : base(nameof(Dnn))
    {
        mlp = new Mlp(config, inputs, seed);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => mlp;

    /// <inheritdoc/>
    public override int Outputs => mlp.Outputs;

    /// <inheritdoc/>
    public override void Restart(int epoch) => mlp.Restart(epoch);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => mlp.Apply(x, adapter, padded: true);
}
