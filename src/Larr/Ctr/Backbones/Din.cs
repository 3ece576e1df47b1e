using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// DIN (arXiv 1706.06978): each item of the history is weighed by a small network that sees it beside the item shown; the weights are not normalised, so
/// that they also say how strong the interest is. ReLU in place of Dice is our choice.
/// </summary>
/// <remarks>B rows, L history length, d embedding dimension.</remarks>
public sealed class Din : Backbone
{
    const int AttentionWidth = 36;

    readonly Linear attend, weigh;
    readonly Mlp mlp;

    /// <summary>Attention and hidden layers on <paramref name="inputs"/> values.</summary>
    public Din(CtrConfig config, int inputs, int seed) : base(nameof(Din))
    {
        attend = nn.Linear(4 * config.EmbeddingDimension, AttentionWidth);
        weigh = nn.Linear(AttentionWidth, 1);
        mlp = new Mlp(config, inputs, seed);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => mlp;

    /// <inheritdoc/>
    public override int Outputs => mlp.Outputs;

    /// <inheritdoc/>
    public override Tensor Pool(Tensor target, Tensor history, Tensor mask) => LocalActivation.Apply(target, history, mask, attend, weigh); // [B,d]

    /// <inheritdoc/>
    public override void Restart(int epoch) => mlp.Restart(epoch);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => mlp.Apply(x, adapter, padded: true);
}
