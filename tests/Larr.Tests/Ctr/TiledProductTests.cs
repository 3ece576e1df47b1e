using Larr.Ctr.Layers;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class TiledProductTests
{
    [Theory]
    [InlineData(64, 32, 96)]
    [InlineData(45, 19, 70)]
    public void Values_and_gradients_are_those_of_a_product_of_rounded_matrices(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor x = randn(rows, inputs).requires_grad_(), weight = randn(outputs, inputs).requires_grad_(), factors = randn(rows, outputs);
        nn.functional.linear(Rounded(x), Rounded(weight)).backward([Rounded(factors)]);
        (Tensor ofInput, Tensor ofWeight) = (x.grad!.clone(), weight.grad!.clone());
        x.grad!.zero_();
        weight.grad!.zero_();

        Tensor y = TiledProduct.Apply(TiledProduct.Pad(x), weight), within = y.narrow(0, 0, rows).narrow(1, 0, outputs).to(float32);
        within.backward([factors]);

        Assert.All(y.shape, s => Assert.Equal(0, s % 16));
        Assert.Equal(within.abs().sum().item<float>(), y.to(float32).abs().sum().item<float>(), .01f);
        Tensor expected = nn.functional.linear(Rounded(x), Rounded(weight));
        Near(expected, within, Percent(expected));
        Near(ofInput, x.grad!, Percent(ofInput));
        Near(ofWeight, weight.grad!, Percent(ofWeight));
    }

    static Tensor Rounded(Tensor x) => x.to(bfloat16).to(float32);

    // bfloat16 has eight bits.
    static double Percent(Tensor values) => .01 * values.abs().max().item<float>();
}
