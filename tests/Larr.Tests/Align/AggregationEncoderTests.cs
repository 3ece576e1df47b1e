using Larr.Align;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class AggregationEncoderTests
{
    const int Fields = 3, Width = 8, Dimension = 4;

    static AggregationEncoder New()
    {
        using var generator = new Generator(5);
        var encoder = new AggregationEncoder(new AlignConfig { Width = 16, Heads = 2 }, Fields, Width, Dimension, generator);
        using var grad = no_grad();
        foreach (Parameter p in encoder.parameters()) p.add_(randn(p.shape, generator: generator) * .2);
        return encoder;
    }

    static SceneBatch Scenes(Tensor vectors, long[] fields, long[,] values) => new(vectors, tensor(fields), tensor(values), zeros(1, int64));

    [Fact]
    public void The_order_of_the_tokens_does_not_matter_but_which_field_holds_a_vector_does()
    {
        using var scope = NewDisposeScope();
        using AggregationEncoder encoder = New();
        Tensor vectors = randn(3, Width);
        Tensor plain = encoder.forward(Scenes(vectors, [0, 1, 2], new long[,] { { 0, 1, 2 } }));
        Tensor reordered = encoder.forward(Scenes(vectors, [0, 1, 2], new long[,] { { 2, 0, 1 } }));
        Tensor exchanged = encoder.forward(Scenes(vectors, [1, 0, 2], new long[,] { { 0, 1, 2 } }));
        Assert.True(allclose(plain, reordered, 1e-5, 1e-6));
        Assert.False(allclose(plain, exchanged, 1e-2, 1e-3));
    }

    [Fact]
    public void A_scene_has_the_same_vector_whatever_scenes_and_values_stand_beside_it()
    {
        using var scope = NewDisposeScope();
        using AggregationEncoder encoder = New();
        Tensor vectors = randn(5, Width);
        Tensor all = encoder.forward(Scenes(vectors, [0, 1, 2, 0, 2], new long[,] { { 0, 1, 2 }, { 3, 1, 4 }, { 0, 1, 4 } }));
        Tensor alone = encoder.forward(Scenes(vectors.narrow(0, 1, 4), [1, 2, 0, 2], new long[,] { { 2, 0, 3 } }));
        Assert.Equal([3L, Dimension], all.shape);
        Assert.True(allclose(all[1], alone[0], 1e-5, 1e-6));
    }

    [Fact]
    public void The_last_layers_short_cut_gives_what_the_whole_layer_gives()
    {
        using var scope = NewDisposeScope();
        using var layer = new EncoderLayer(8, 2);
        Tensor x = randn(4, 5, 8), projected = layer.Project(x);
        Assert.True(allclose(layer.Mix(x, projected, 5).narrow(1, 0, 1), layer.Mix(x, projected, 1), 1e-5, 1e-6));
    }

    [Fact]
    public void Every_parameter_learns()
    {
        using var scope = NewDisposeScope();
        using AggregationEncoder encoder = New();
        encoder.forward(Scenes(randn(4, Width), [0, 1, 2, 2], new long[,] { { 0, 1, 2 }, { 0, 1, 3 } })).square().sum().backward();
        foreach ((string name, Parameter p) in encoder.named_parameters())
            Assert.True(p.grad is not null && p.grad.abs().sum().item<float>() > 0, name);
    }

    [Fact]
    public void Mean_pooling_projects_the_mean()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var pool = new MeanPoolScene(Width, Dimension, generator);
        Tensor vectors = randn(3, Width);
        Tensor expected = nn.functional.linear(vectors.index_select(0, tensor(new long[] { 0, 2 })).mean([0]), pool.get_parameter("project.weight")!, pool.get_parameter("project.bias"));
        Assert.True(allclose(expected, pool.forward(Scenes(vectors, [0, 0, 1], new long[,] { { 0, 2 } }))[0], 1e-5, 1e-6));
    }
}
