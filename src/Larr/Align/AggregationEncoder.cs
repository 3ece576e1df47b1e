using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// Separate language-model outputs → one scene vector (LARR stage 3, arXiv 2408.11523): a learned <c>&lt;agg&gt;</c> token and the cached vector of each
/// scene value pass through a bidirectional Transformer, and <c>&lt;agg&gt;</c> through an MLP to the collaborative dimension.
/// Depth, width, field embeddings and pre-norm are our choices, and so are two short cuts without which it learns slower than mean pooling: the mean
/// of the tokens is added to <c>&lt;agg&gt;</c>, and the MLP has a linear path beside it.
/// </summary>
/// <remarks>S distinct scenes, n scene fields, T = n + 1 tokens, U distinct values, D vector width, w encoder width.</remarks>
public sealed class AggregationEncoder : SceneAggregator
{
    readonly Linear project, up, down, skip;
    readonly Parameter agg, field;
    readonly ModuleList<EncoderLayer> layers;
    readonly LayerNorm norm;

    /// <summary>An encoder for <paramref name="fields"/> values of width <paramref name="vectorWidth"/>, with initial weights from <paramref name="generator"/>.</summary>
    public AggregationEncoder(AlignConfig config, int fields, int vectorWidth, int dimension, Generator generator) : base(nameof(AggregationEncoder))
    {
        project = nn.Linear(vectorWidth, config.Width);
        agg = new Parameter(empty(1, config.Width).DetachFromDisposeScope());
        field = new Parameter(empty(fields, config.Width).DetachFromDisposeScope());
        layers = new ModuleList<EncoderLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new EncoderLayer(config.Width, config.Heads))]);
        norm = nn.LayerNorm(config.Width);
        up = nn.Linear(config.Width, config.Width);
        down = nn.Linear(config.Width, dimension);
        skip = nn.Linear(config.Width, dimension);
        RegisterComponents();
        Initial.Fill(this, generator);
    }

    /// <inheritdoc/>
    public override Tensor forward(SceneBatch scenes)
    {
        using var scope = NewDisposeScope();
        long s = scenes.Values.size(0), t = scenes.Values.size(1) + 1;
        Tensor tokens = cat([agg, project.forward(scenes.Vectors) + field.index_select(0, scenes.Fields)]); // [1+U, w]
        Tensor first = layers[0].Project(tokens); // [1+U, 3w]
        Tensor index = cat([zeros(s, 1, int64, scenes.Values.device), scenes.Values + 1], 1).flatten(); // [S·T]
        Tensor x = tokens.index_select(0, index).view(s, t, -1); // [S,T,w]
        Tensor mean = x.narrow(1, 1, t - 1).mean([1]); // [S,w]
        Tensor projected = first.index_select(0, index).view(s, t, -1); // [S,T,3w]
        for (int l = 0; l < layers.Count; l++)
        {
            if (l > 0) projected = layers[l].Project(x);
            x = layers[l].Mix(x, projected, l == layers.Count - 1 ? 1 : (int)t);
        }
        x = norm.forward(x.select(1, 0) + mean); // [S,w]
        return (skip.forward(x) + down.forward(nn.functional.gelu(up.forward(x)))).MoveToOuterDisposeScope(); // [S,dimension]
    }
}
