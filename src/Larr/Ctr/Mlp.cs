using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>What an adapter does to the output of a hidden layer: (layer, h [B,H]) → h' of the same shape.</summary>
/// <param name="layer">Number of the hidden layer, from 0.</param>
/// <param name="hidden">Its output after activation and dropout.</param>
public delegate Tensor HiddenTransform(int layer, Tensor hidden);

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
        int[] widths = [inputs, .. hidden];
        // A normalisation takes a bias away again.
        linear = new ModuleList<Linear>([.. hidden.Select((h, l) => nn.Linear(widths[l], h, hasBias: !config.BatchNorm))]);
        norm = new ModuleList<BatchNorm1d>(config.BatchNorm ? [.. hidden.Select(h => nn.BatchNorm1d(h))] : []);
        if (config.Dropout > 0) _masks = new DropoutMasks(config.Dropout, seed);
        _type = config.Precision.Type();
        RegisterComponents();
    }

    /// <summary>Number of values of the last hidden layer.</summary>
    public int Outputs => (int)linear[^1].weight!.size(0);

    /// <summary>Begins an epoch of training.</summary>
    public void Restart(int epoch) => _masks?.Restart(epoch);

    /// <summary>x [B,inputs] → [B,outputs], each hidden layer passed through <paramref name="transform"/> where there is one.</summary>
    /// <param name="x">float32.</param>
    /// <param name="transform">What an adapter does, or null.</param>
    /// <param name="padded">Whether the result may stay as it is in training: bfloat16 with the padding of <see cref="TiledProduct"/>.</param>
    public Tensor Apply(Tensor x, HiddenTransform? transform, bool padded = false)
    {
        using var scope = NewDisposeScope();
        bool half = training && transform is null && _type == ScalarType.BFloat16;
        int rows = (int)x.size(0);
        if (half) x = TiledProduct.Pad(x);
        for (int l = 0; l < linear.Count; l++)
        {
            Parameter weight = linear[l].weight!; // [H,I]
            Parameter? bias = linear[l].bias;
            BatchNorm1d? normalise = norm.Count > 0 ? norm[l] : null;
            x = half ? TiledProduct.Apply(x, weight) : nn.functional.linear(x, weight, training ? null! : bias!);
            if (training) x = HiddenActivation.Apply(x, rows, (int)weight.size(0), normalise, bias, _masks, plain: l == linear.Count - 1 && !padded);
            else x = (normalise?.forward(x) ?? x).relu();
            if (transform is not null) x = transform(l, x);
        }
        return x.MoveToOuterDisposeScope();
    }
}
