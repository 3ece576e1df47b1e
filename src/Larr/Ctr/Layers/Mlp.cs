using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// Hidden layers of a multilayer perceptron: linear, batch normalisation where wanted, ReLU, dropout. In training the matrix products may be
/// bfloat16, with float32 weights behind them; predictions and adapters always see float32.
/// </summary>
public sealed class Mlp : nn.Module
{
    readonly ModuleList<Linear> linear;
    readonly ModuleList<BatchNorm1d> norm;
    readonly DropoutMasks? _masks;
    readonly ScalarType _type;

    /// <summary>Hidden layers of the widths of <paramref name="config"/> on <paramref name="inputs"/> values.</summary>
    public Mlp(CtrConfig config, int inputs, int seed) : this(config, config.Hidden, inputs, seed) { }

    /// <summary>Hidden layers of the given widths on <paramref name="inputs"/> values.</summary>
    public Mlp(CtrConfig config, IReadOnlyList<int> hidden, int inputs, int seed) : base(nameof(Mlp))
    {
        Widths = [inputs, .. hidden];
        // A normalisation takes a bias away again.
        linear = new ModuleList<Linear>([.. hidden.Select((h, l) => nn.Linear(Widths[l], h, hasBias: !config.BatchNorm))]);
        norm = new ModuleList<BatchNorm1d>(config.BatchNorm ? [.. hidden.Select(h => nn.BatchNorm1d(h))] : []);
        if (config.Dropout > 0) _masks = new DropoutMasks(config.Dropout, seed);
        _type = config.Precision.Type();
        RegisterComponents();
    }

    /// <summary>Number of inputs, then number of values of each hidden layer.</summary>
    public IReadOnlyList<int> Widths { get; }

    /// <summary>Number of values of the last hidden layer.</summary>
    public int Outputs => Widths[^1];

    /// <summary>Begins an epoch of training.</summary>
    public void Restart(int epoch) => _masks?.Restart(epoch);

    /// <summary>x [B,inputs] → [B,outputs], hidden layers changed by <paramref name="adapter"/> where there is one.</summary>
    /// <param name="x">float32.</param>
    /// <param name="adapter">What an adapter does, or null.</param>
    /// <param name="padded">Whether the result may stay as it is in training: bfloat16 with the padding of <see cref="TiledProduct"/>.</param>
    public Tensor Apply(Tensor x, HiddenAdapter? adapter, bool padded = false)
    {
        using var scope = NewDisposeScope();
        bool half = training && adapter is null && _type == ScalarType.BFloat16;
        int rows = (int)x.size(0);
        if (half) x = TiledProduct.Pad(x);
        for (int l = 0; l < linear.Count; l++)
        {
            LayerAdapter? change = adapter?.At(l);
            Tensor? product = change?.Product(x, linear[l]);
            Parameter weight = linear[l].weight!; // [H,I]
            Parameter? bias = product is null ? linear[l].bias : null;
            BatchNorm1d? normalise = norm.Count > 0 ? norm[l] : null;
            x = product ?? (half ? TiledProduct.Apply(x, weight) : nn.functional.linear(x, weight, training ? null! : bias!));
            if (training) x = HiddenActivation.Apply(x, rows, (int)weight.size(0), normalise, bias, _masks, plain: l == linear.Count - 1 && !padded);
            else x = (normalise?.forward(x) ?? x).relu();
            x = change?.Output(x) ?? x;
        }
        return x.MoveToOuterDisposeScope();
    }
}
