using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// A bottleneck after a hidden layer (arXiv 1902.00751): h' = h + Up(relu(Down(h))). Its last layer starts at zero; ReLU in place of the paper's nonlinearity, as in
/// the rest of the click model.
/// </summary>
public sealed class BottleneckAdapter : LayerAdapter
{
    readonly KernelMlp bottleneck;

    /// <summary>A bottleneck of <paramref name="width"/> values after a hidden layer.</summary>
    public BottleneckAdapter(int hidden, int width, Generator generator) : base(nameof(BottleneckAdapter))
    {
        bottleneck = new KernelMlp(hidden, width, hidden, generator).Zeroed();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Output(Tensor h) => h + bottleneck.forward(h); // [B,H]
}
