using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>From a frozen vector made elsewhere to an embedding: W v + b, plus a learned vector where there is none (v is then zero). Our choice.</summary>
/// <remarks>B rows, D length of the frozen vectors, d embedding dimension.</remarks>
public sealed class VectorProjection : nn.Module<Tensor, Tensor, Tensor>
{
    readonly Linear project;
    readonly Parameter missing; // [1,d]

    /// <summary>A layer from <paramref name="inputs"/> values to <paramref name="dimension"/>.</summary>
    public VectorProjection(int inputs, int dimension) : base(nameof(VectorProjection))
    {
        project = nn.Linear(inputs, dimension);
        missing = new Parameter(zeros(1, dimension).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <summary>Vectors [B,D], and [B,1] with 1 where there is none → [B,d].</summary>
    public override Tensor forward(Tensor vectors, Tensor absent)
    {
        using var scope = NewDisposeScope();
        return (project.forward(vectors) + absent * missing).MoveToOuterDisposeScope();
    }
}
