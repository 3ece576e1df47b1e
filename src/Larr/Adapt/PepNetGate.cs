using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// A personalised gate after a hidden layer (PEPNet, arXiv 2302.01115): h' = h ⊙ 2·σ(Up(relu(Down([e, sg(h)])))), where e is the domain's embedding and no gradient
/// flows through sg. One network serves all domains. Its last layer starts at zero, so every gate starts at one.
/// </summary>
/// <remarks>B rows, H outputs, k length of a domain's embedding. PEPNet's prior of user and item is left out: the domain alone is what the others know too.</remarks>
public sealed class PepNetGate : LayerAdapter
{
    internal readonly Parameter domains;
    internal readonly KernelMlp gate;
    int _domain;

    /// <summary>A gate for a hidden layer.</summary>
    /// <param name="hidden">H.</param>
    /// <param name="count">Number of domains.</param>
    /// <param name="embedding">k.</param>
    /// <param name="width">Hidden width of the gate's network.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public PepNetGate(int hidden, int count, int embedding, int width, Generator generator) : base(nameof(PepNetGate))
    {
        domains = new Parameter(empty(count, embedding).normal_(0, 1, generator).DetachFromDisposeScope());
        gate = new KernelMlp(embedding + hidden, width, hidden, generator).Zeroed();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override void Enter(int domain) => _domain = domain;

    /// <inheritdoc/>
    public override Tensor Output(Tensor h)
    {
        Tensor e = domains[_domain].expand(h.size(0), -1); // [B,k]
        return h * (2 * gate.forward(cat([e, h.detach()], 1)).sigmoid()); // [B,H]
    }
}
