using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>A trained way from the values of scenes to scene vectors [S, dimension].</summary>
public abstract class SceneAggregator(string name) : nn.Module<SceneBatch, Tensor>(name)
{
    /// <summary>The aggregator that a configuration asks for, or null for none.</summary>
    /// <param name="config">Kind and sizes.</param>
    /// <param name="vectors">What it will read; may be null for no scene vector.</param>
    /// <param name="dimension">Collaborative dimension.</param>
    /// <param name="generator">Source of the initial weights.</param>
    public static SceneAggregator? Create(AlignConfig config, SceneVectors? vectors, int dimension, Generator generator)
    {
        if (config.Scene == SceneAggregation.None) return null;
        ArgumentNullException.ThrowIfNull(vectors);
        (int fields, int width) = (vectors.Fields.Count, vectors.Dimension);
        return config.Scene switch
        {
            SceneAggregation.MeanPool => new MeanPoolScene(width, dimension, generator),
            SceneAggregation.ConcatMlp or SceneAggregation.WholeText => new ConcatMlpScene(config.Width, fields, width, dimension, generator),
            SceneAggregation.AttentionPool => new AttentionPoolScene(config.Width, fields, width, dimension, generator),
            _ => new AggregationEncoder(config, fields, width, dimension, generator),
        };
    }
}
