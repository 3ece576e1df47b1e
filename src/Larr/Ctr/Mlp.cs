using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

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
    public Tensor Apply(Tensor x, HiddenAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        if (training && adapter is null) x = x.to(_type);
        for (int l = 0; l < linear.Count; l++)
        {
            LayerAdapter? change = adapter?.At(l);
            x = change?.Product(x, linear[l]) ?? nn.functional.linear(x, linear[l].weight!.to(x.dtype), linear[l].bias?.to(x.dtype)!);
            BatchNorm1d? normalise = norm.Count > 0 ? norm[l] : null;
            if (training) x = HiddenActivation.Apply(x, normalise, _masks);
            else x = (normalise?.forward(x) ?? x).relu();
            x = change?.Output(x) ?? x;
        }
        return x.to(float32).MoveToOuterDisposeScope();
    }
}
