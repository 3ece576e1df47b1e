using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// A bias of a domain's own: BitFit (arXiv 2106.10199), which trains the biases alone, at a hidden layer. It is added before normalisation and activation and
/// starts at zero.
/// </summary>
public sealed class DomainBias : LayerAdapter
{
    internal readonly Parameter bias;

    /// <summary>A bias for a hidden layer of <paramref name="hidden"/> values.</summary>
    public DomainBias(int hidden) : base(nameof(DomainBias))
    {
        bias = new Parameter(zeros(hidden).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Product(Tensor x, Linear linear) => linear.forward(x) + bias; // [B,H]
}
