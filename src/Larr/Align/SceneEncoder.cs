using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>Scenes of a batch → scene vectors [S, dimension].</summary>
public abstract class SceneEncoder(string name) : nn.Module<SceneBatch, Tensor>(name)
{
    /// <summary>The encoder that a configuration asks for, or null for none.</summary>
    /// <param name="config">Kind and sizes.</param>
    /// <param name="vectors">What it will read; may be null for no scene vector.</param>
    /// <param name="dimension">Collaborative dimension.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public static SceneEncoder? Create(AlignConfig config, SceneVectors? vectors, int dimension, Generator generator) => config.Scene switch
    {
        SceneAggregation.None => null,
        _ when vectors is null => throw new ArgumentNullException(nameof(vectors), "a scene vector needs the vectors of the scene's values"),
        SceneAggregation.MeanPool => new MeanPoolScene(vectors.Dimension, dimension, generator),
        _ => new AggregationEncoder(config, vectors.Fields.Count, vectors.Dimension, dimension, generator),
    };
}
