using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>What a method of adaptation changes at one hidden layer of a frozen model; by itself it changes nothing.</summary>
/// <remarks>B rows, I inputs and H outputs of the layer.</remarks>
public abstract class LayerAdapter(string name) : nn.Module(name)
{
    /// <summary>Says which domain the next rows belong to; an adapter of one domain need not know.</summary>
    /// <param name="domain">Code of the domain field's value.</param>
    public virtual void Enter(int domain) { }

    /// <summary>The layer's matrix product, before normalisation and activation: x [B,I] → [B,H].</summary>
    public virtual Tensor Product(Tensor x, Linear linear) => linear.forward(x);

    /// <summary>What follows the activation and dropout: h [B,H] → [B,H].</summary>
    public virtual Tensor Output(Tensor h) => h;
}
