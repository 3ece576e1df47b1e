using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>A hidden layer in the first phase of IAK: a passing readout of z takes the place of h, so that z must keep what the task needs.</summary>
sealed class CompressedLayer : LayerAdapter
{
    internal readonly KernelMlp readout;
    // Not the kernel itself: it would become a part of this module and be disposed with it.
    readonly Func<Tensor, Posterior> _encode;
    readonly Func<Posterior, Tensor> _sample;

    internal CompressedLayer(IakKernel kernel, AdaptConfig config, int hidden) : base(nameof(CompressedLayer))
    {
        (_encode, _sample) = (kernel.Encode, kernel.Sample);
        readout = kernel.Readout(config, hidden);
        RegisterComponents();
    }

    /// <summary>KL(q ‖ N(0, I)) of the last rows in training; it lives until the next ones.</summary>
    internal Tensor? Divergence { get; private set; }

    /// <inheritdoc/>
    public override Tensor Output(Tensor h)
    {
        Posterior q = _encode(h);
        if (!training) return readout.forward(q.Mean);
        Divergence?.Dispose();
        // This runs within the model's own scopes, and the divergence leaves them.
        Divergence = q.Divergence().DetachFromDisposeScope();
        return readout.forward(_sample(q)); // [B,H]
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Divergence?.Dispose();
        base.Dispose(disposing);
    }
}
