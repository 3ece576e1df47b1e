using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// The star topology at a hidden layer (STAR, arXiv 2101.11427): the shared weights, here those of the frozen model, times a domain's own, element by element, and
/// the sum of both biases. The domain's weights start at one, its bias at zero; the weights are kept as their difference from one, so that
/// decay leads to the frozen model. STAR's partitioned normalisation and auxiliary network are left out.
/// </summary>
/// <remarks>B rows, I inputs, H outputs.</remarks>
public sealed class StarAdapter : LayerAdapter
{
    internal readonly Parameter change, bias;

    /// <summary>Weights of a domain's own for a layer of the given shape.</summary>
    public StarAdapter(int inputs, int hidden) : base(nameof(StarAdapter))
    {
        change = new Parameter(zeros(hidden, inputs).DetachFromDisposeScope());
        bias = new Parameter(zeros(hidden).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Product(Tensor x, Linear linear) =>
        nn.functional.linear(x, linear.weight! * (1 + change), linear.bias is { } shared ? shared + bias : bias); // [B,H]
}
