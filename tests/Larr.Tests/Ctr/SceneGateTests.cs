using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class SceneGateTests
{
    [Fact]
    public void A_new_gate_changes_nothing_and_learns()
    {
        using var scope = NewDisposeScope();
        using var gate = new SceneGate(fields: 3, dimension: 2);
        Tensor fields = randn(5, 6), scenes = randn(5, 2);
        Tensor gated = gate.forward(fields, scenes);
        Assert.Equal(fields.data<float>().ToArray(), gated.data<float>().ToArray());
        gated.square().sum().backward();
        Assert.True(gate.parameters().All(p => p.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void It_scales_each_field_by_twice_the_sigmoid()
    {
        using var scope = NewDisposeScope();
        using var gate = new SceneGate(fields: 2, dimension: 1);
        using (no_grad())
        {
            gate.get_parameter("weigh.weight")!.copy_(tensor(new[] { 1f, 0f }).view(2, 1));
            gate.get_parameter("weigh.bias")!.copy_(tensor(new[] { 0f, -1f }));
        }
        // Scene 2: 2σ(2) = 1.761594 for the first field; 2σ(−1) = .5378828 for the second.
        float[] gated = gate.forward(tensor(new[,] { { 1f, 3f, 10f, -10f } }), tensor(new[,] { { 2f } })).data<float>().ToArray();
        foreach ((float value, double expected) in gated.Zip([1.761594, 5.284782, 5.378828, -5.378828])) Assert.Equal(expected, value, 1e-5);
    }
}
