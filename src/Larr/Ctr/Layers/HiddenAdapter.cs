using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>Adapters of the last hidden layers of a click model, trained while the model itself is frozen.</summary>
public sealed class HiddenAdapter : nn.Module
{
    readonly ModuleList<LayerAdapter> layers;
    readonly int _first;

    /// <summary>One adapter for each hidden layer from <paramref name="first"/> on.</summary>
    public HiddenAdapter(int first, IEnumerable<LayerAdapter> adapters) : base(nameof(HiddenAdapter))
    {
        _first = first;
        layers = new ModuleList<LayerAdapter>([.. adapters]);
        RegisterComponents();
    }

    /// <summary>The adapters, of the earliest layer first.</summary>
    public IReadOnlyList<LayerAdapter> Layers => [.. layers];

    /// <summary>Number of trained values.</summary>
    public long Parameters => parameters().Sum(p => p.numel());

    /// <summary>The adapter of a hidden layer, or null.</summary>
    /// <param name="layer">Number of the hidden layer, from 0.</param>
    public LayerAdapter? At(int layer) => layer < _first ? null : layers[layer - _first];

    /// <summary>Says which domain the next rows belong to.</summary>
    public void Enter(int domain)
    {
        foreach (LayerAdapter layer in layers) layer.Enter(domain);
    }
}
