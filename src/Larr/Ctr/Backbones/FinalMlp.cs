using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// FinalMLP (arXiv 2304.00902): two multilayer perceptrons over differently gated inputs, the first gated by the user, the second by the item, and a
/// bilinear fusion of both in heads. That the gates read the model's own embeddings of user and item is our choice; without one of them its
/// gate is a learned constant. Adapters act on the first stream.
/// </summary>
/// <remarks>B rows, I inputs, d embedding dimension, H and G outputs of the streams, k fusion heads.</remarks>
public sealed class FinalMlp : Backbone
{
    readonly Mlp first, second;
    readonly Gate gateFirst, gateSecond;
    readonly Parameter fusion;
    readonly BackboneShape _shape;

    /// <summary>Two streams on vectors of <paramref name="shape"/>.</summary>
    public FinalMlp(CtrConfig config, BackboneShape shape, int seed) : base(nameof(FinalMlp))
    {
        _shape = shape;
        int h = config.Hidden[^1], g = config.SecondHidden[^1], k = config.FusionHeads;
        if (k < 1 || h % k != 0 || g % k != 0)
            throw new Runs.InputException("experiment", "ctr.fusionHeads", $"{k}", $"a divisor of both streams' last widths, {h} and {g}");
        first = new Mlp(config, config.Hidden, shape.Inputs, seed);
        second = new Mlp(config, config.SecondHidden, shape.Inputs, seed + 1);
        gateFirst = new Gate(shape, config.GateWidth);
        gateSecond = new Gate(shape, config.GateWidth);
        fusion = new Parameter(empty(k, h / k, g / k).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => first;

    /// <inheritdoc/>
    public override int Outputs => 1 + first.Outputs + second.Outputs;

    /// <inheritdoc/>
    public override int Logits => 1;

    /// <inheritdoc/>
    public override void Restart(int epoch)
    {
        first.Restart(epoch);
        second.Restart(epoch);
    }

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor a = first.Apply(x * gateFirst.forward(Context(x, _shape.User)), adapter), b = second.Apply(x * gateSecond.forward(Context(x, _shape.Item)), null); // [B,H], [B,G]
        return cat([Fuse(a, b), a, b], 1).MoveToOuterDisposeScope(); // [B, 1 + H + G]
    }

    /// <summary>The vector at a position of x, or zeros where there is none, [B,d].</summary>
    Tensor Context(Tensor x, int position) =>
        position < 0 ? zeros(x.size(0), _shape.Dimension, device: x.device) : x.narrow(1, position * _shape.Dimension, _shape.Dimension);

    /// <summary>Σ over heads of aₖᵀ Wₖ bₖ: [B,H], [B,G] → [B,1].</summary>
    public Tensor Fuse(Tensor a, Tensor b)
    {
        Tensor left = a.view(a.size(0), fusion.size(0), -1).transpose(0, 1), right = b.view(b.size(0), fusion.size(0), -1).transpose(0, 1); // [k,B,H/k], [k,B,G/k]
        return (left.matmul(fusion) * right).sum(new long[] { 0, 2 }).unsqueeze(1); // [B,1]
    }

    /// <summary>Feature selection: 2·σ of a small network, one factor per input.</summary>
    sealed class Gate : nn.Module<Tensor, Tensor>
    {
        readonly Linear up, down;

        internal Gate(BackboneShape shape, int width) : base(nameof(Gate))
        {
            up = nn.Linear(shape.Dimension, width);
            down = nn.Linear(width, shape.Inputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor context) => down.forward(up.forward(context).relu()).sigmoid() * 2; // [B,d] → [B,I]
    }
}
