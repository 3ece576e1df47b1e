using Larr.Ctr.Layers;
using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// A low-rank change of a hidden layer's weights (LoRA, arXiv 2106.09685): W' = W + Up·Down. Up starts at zero. The scale α/r is one, since the step size does its
/// work.
/// </summary>
/// <remarks>B rows, I inputs, H outputs, r rank.</remarks>
public sealed class LoraAdapter : LayerAdapter
{
    internal readonly Linear down, up;

    /// <summary>A change of rank <paramref name="rank"/>.</summary>
    public LoraAdapter(int inputs, int hidden, int rank, Generator generator) : base(nameof(LoraAdapter))
    {
        down = nn.Linear(inputs, rank, hasBias: false);
        up = nn.Linear(rank, hidden, hasBias: false);
        RegisterComponents();
        Initial.Fill(down, generator);
        using var grad = no_grad();
        up.weight!.zero_();
    }

    /// <inheritdoc/>
    public override Tensor Product(Tensor x, Linear linear) => linear.forward(x) + up.forward(down.forward(x)); // [B,H]
}
