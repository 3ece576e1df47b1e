using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// An alternative for ablations: attention pooling as in hierarchical attention networks (Yang et al., NAACL 2016). Each value is weighed by how
/// well tanh(W h + b) fits one learned query; values do not see each other.
/// </summary>
/// <remarks>S distinct scenes, n scene fields, U distinct values, D vector width, w width.</remarks>
public sealed class AttentionPoolScene : SceneAggregator
{
    readonly Linear project, attend, query, down;
    readonly Parameter field;

    /// <summary>n vectors of length D through tokens of <paramref name="width"/> to scene vectors of length <paramref name="dimension"/>.</summary>
    public AttentionPoolScene(int width, int fields, int vectorWidth, int dimension, Generator generator) : base(nameof(AttentionPoolScene))
    {
        project = nn.Linear(vectorWidth, width);
        field = new Parameter(empty(fields, width).DetachFromDisposeScope());
        attend = nn.Linear(width, width);
        query = nn.Linear(width, 1, hasBias: false);
        down = nn.Linear(width, dimension);
        RegisterComponents();
        Initial.Fill(this, generator);
    }

    /// <inheritdoc/>
    public override Tensor forward(SceneBatch scenes)
    {
        using var scope = NewDisposeScope();
        long s = scenes.Values.size(0), n = scenes.Values.size(1);
        Tensor tokens = project.forward(scenes.Vectors) + field.index_select(0, scenes.Fields); // [U,w]
        Tensor scores = query.forward(attend.forward(tokens).tanh()); // [U,1]
        Tensor index = scenes.Values.flatten();
        Tensor weights = scores.index_select(0, index).view(s, 1, n).softmax(-1); // [S,1,n]
        Tensor pooled = weights.matmul(tokens.index_select(0, index).view(s, n, -1)).squeeze(1); // [S,w]
        return down.forward(pooled).MoveToOuterDisposeScope(); // [S,dimension]
    }
}
