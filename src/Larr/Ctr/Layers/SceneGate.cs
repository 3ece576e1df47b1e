using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// The scene decides how loud each other field is: x_f · 2σ(W s + b)_f, one number per field, in the manner of PEPNet's gate (arXiv 2302.01115).
/// W starts at zero, so that a new gate changes nothing. One number per field instead of one per value is our choice.
/// </summary>
/// <remarks>B rows, G gated fields, d embedding dimension.</remarks>
public sealed class SceneGate : nn.Module<Tensor, Tensor, Tensor>
{
    readonly Linear weigh;

    /// <summary>A gate for <paramref name="fields"/> embeddings by a scene vector of length <paramref name="dimension"/>.</summary>
    public SceneGate(int fields, int dimension) : base(nameof(SceneGate))
    {
        weigh = nn.Linear(dimension, fields);
        RegisterComponents();
        using var grad = no_grad();
        weigh.weight!.zero_();
        weigh.bias!.zero_();
    }

    /// <summary>Fields [B,G·d] and scenes [B,d] → gated fields [B,G·d].</summary>
    public override Tensor forward(Tensor fields, Tensor scenes)
    {
        using var scope = NewDisposeScope();
        Tensor gates = weigh.forward(scenes).sigmoid().mul(2).unsqueeze(-1); // [B,G,1]
        return (fields.view(fields.size(0), gates.size(1), -1) * gates).flatten(1).MoveToOuterDisposeScope();
    }
}
