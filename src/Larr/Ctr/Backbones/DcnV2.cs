using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// DCN-V2 (arXiv 2008.13535), parallel form: cross layers x' = x₀ ⊙ (W x + b) + x beside a multilayer perceptron, both outputs concatenated.
/// </summary>
public sealed class DcnV2 : Backbone
{
    readonly ModuleList<Linear> cross;
    readonly Mlp mlp;

    /// <summary>Cross and hidden layers on <paramref name="inputs"/> values.</summary>
    public DcnV2(CtrConfig config, int inputs, int seed) : base(nameof(DcnV2))
    {
        cross = new ModuleList<Linear>([.. Enumerable.Range(0, config.CrossLayers).Select(_ => nn.Linear(inputs, inputs))]);
        mlp = new Mlp(config, inputs, seed);
        Outputs = inputs + mlp.Outputs;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => mlp;

    /// <inheritdoc/>
    public override int Outputs { get; }

    /// <inheritdoc/>
    public override void Restart(int epoch) => mlp.Restart(epoch);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => cat([Cross(x), mlp.Apply(x, adapter)], 1);

    /// <summary>The cross network alone: [B,inputs] → [B,inputs].</summary>
    public Tensor Cross(Tensor x0)
    {
        Tensor x = x0;
        foreach (Linear layer in cross) x = x0 * layer.forward(x) + x;
        return x;
    }
}
