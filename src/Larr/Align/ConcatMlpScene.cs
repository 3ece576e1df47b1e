using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// An alternative for ablations: the frozen vectors of a scene side by side, then a multilayer perceptron. It knows which field a vector came
/// from, but its first layer grows with the number of fields. With one vector per scene (<see cref="SceneAggregation.WholeText"/>) it is a plain perceptron.
/// </summary>
/// <remarks>S distinct scenes, n scene fields, D vector width, w hidden width.</remarks>
public sealed class ConcatMlpScene : SceneAggregator
{
    readonly Linear up, down;

    /// <summary>n vectors of length D through <paramref name="hidden"/> values to scene vectors of length <paramref name="dimension"/>.</summary>
    public ConcatMlpScene(int hidden, int fields, int vectorWidth, int dimension, Generator generator) : base(nameof(ConcatMlpScene))
    {
        up = nn.Linear(fields * vectorWidth, hidden);
        down = nn.Linear(hidden, dimension);
        RegisterComponents();
        Initial.Fill(this, generator);
    }

    /// <inheritdoc/>
    public override Tensor forward(SceneBatch scenes)
    {
        using var scope = NewDisposeScope();
        long s = scenes.Values.size(0);
        Tensor concatenated = scenes.Vectors.index_select(0, scenes.Values.flatten()).view(s, -1); // [S,n·D]
        return down.forward(nn.functional.gelu(up.forward(concatenated))).MoveToOuterDisposeScope(); // [S,dimension]
    }
}
