using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>What an adapter does to the output of a hidden layer: (layer, h [B,H]) → h' of the same shape.</summary>
/// <param name="layer">Number of the hidden layer, from 0.</param>
/// <param name="hidden">Its output after activation and dropout.</param>
public delegate Tensor HiddenTransform(int layer, Tensor hidden);

/// <summary>Hidden layers of a multilayer perceptron: linear, batch normalisation where wanted, ReLU, dropout.</summary>
public sealed class Mlp : nn.Module
{
    readonly ModuleList<Linear> linear;
    readonly ModuleList<BatchNorm1d> norm;
    readonly DropoutMasks? _masks;

    /// <summary>Hidden layers of the widths of <paramref name="config"/> on <paramref name="inputs"/> values.</summary>
    public Mlp(CtrConfig config, int inputs, int seed) : base(nameof(Mlp))
    {
        int[] widths = [inputs, .. config.Hidden];
        linear = new ModuleList<Linear>([.. config.Hidden.Select((h, l) => nn.Linear(widths[l], h))]);
        norm = new ModuleList<BatchNorm1d>(config.BatchNorm ? [.. config.Hidden.Select(h => nn.BatchNorm1d(h))] : []);
        if (config.Dropout > 0) _masks = new DropoutMasks(config.Dropout, seed);
        RegisterComponents();
    }

    /// <summary>Number of values of the last hidden layer.</summary>
    public int Outputs => (int)linear[^1].weight!.size(0);

    /// <summary>x [B,inputs] → [B,outputs], each hidden layer passed through <paramref name="transform"/> where there is one.</summary>
    public Tensor Apply(Tensor x, HiddenTransform? transform)
    {
        for (int l = 0; l < linear.Count; l++)
        {
            x = linear[l].forward(x);
            if (norm.Count > 0) x = norm[l].forward(x);
            x = x.relu();
            if (training && _masks is not null) x = _masks.Apply(x);
            if (transform is not null) x = transform(l, x);
        }
        return x;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _masks?.Dispose();
        base.Dispose(disposing);
    }
}
