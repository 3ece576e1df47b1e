using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>The ablation's baseline: the mean of a scene's frozen vectors, then one linear layer. It cannot tell which field a vector came from.</summary>
public sealed class MeanPoolScene : SceneAggregator
{
    readonly TorchSharp.Modules.Linear project;

    /// <summary>Vectors of length <paramref name="vectorWidth"/> to scene vectors of length <paramref name="dimension"/>.</summary>
    public MeanPoolScene(int vectorWidth, int dimension, Generator generator) : base(nameof(MeanPoolScene))
    {
        project = nn.Linear(vectorWidth, dimension);
        RegisterComponents();
        Initial.Fill(this, generator);
    }

    /// <inheritdoc/>
    public override Tensor forward(SceneBatch scenes)
    {
        using var scope = NewDisposeScope();
        long s = scenes.Values.size(0), n = scenes.Values.size(1);
        // A linear layer and a mean commute: project each distinct value once.
        Tensor values = project.forward(scenes.Vectors).index_select(0, scenes.Values.flatten()); // [S·n, dimension]
        return values.view(s, n, -1).mean([1]).MoveToOuterDisposeScope();
    }
}
