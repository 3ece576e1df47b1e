using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class HeadProductTests
{
    [Theory]
    [InlineData(1, 19)]
    [InlineData(2, 48)]
    public void Values_and_gradients_are_those_of_a_linear_layer_on_the_rounded_values(int outputs, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        const int rows = 300;
        using Linear heads = nn.Linear(width, outputs);
        Tensor x = randn(rows, width).to(bfloat16).to(float32).requires_grad_(), padded = TiledProduct.Pad(x.detach()).requires_grad_(), factors = randn(rows, outputs);
        Tensor expected = heads.forward(x);
        expected.backward([factors]);
        (Tensor ofWeight, Tensor ofBias) = (heads.weight!.grad!.clone(), heads.bias!.grad!.clone());
        heads.zero_grad();

        Tensor y = HeadProduct.Apply(padded, rows, heads);
        y.backward([factors]);

        Near(expected, y, 1e-5);
        Near(ofWeight, heads.weight!.grad!, 1e-4);
        Near(ofBias, heads.bias!.grad!, 1e-4);
        Tensor within = padded.grad!.narrow(0, 0, rows).narrow(1, 0, width);
        Near(x.grad!, within.to(float32), .02);
        Assert.Equal(within.abs().to(float32).sum().item<float>(), padded.grad!.abs().to(float32).sum().item<float>(), 1f);
    }
}
