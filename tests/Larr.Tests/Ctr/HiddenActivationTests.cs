using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class HiddenActivationTests
{
    // 19: two whole vectors and a rest; 300 rows: two whole blocks and a rest.
    const int Rows = 300, Width = 19;

    static BatchNorm1d Norm()
    {
        BatchNorm1d norm = nn.BatchNorm1d(Width);
        using var grad = no_grad();
        norm.weight!.uniform_(.5, 1.5);
        norm.bias!.normal_(0, .3);
        return norm;
    }

    static Tensor Input()
    {
        Tensor x = randn(Rows, Width) * 2 + 3;
        return x.detach().requires_grad_();
    }

    static Tensor Activate(Tensor x, BatchNorm1d? norm, DropoutMasks? masks = null, Tensor? bias = null) =>
        HiddenActivation.Apply(x, (int)x.size(0), (int)x.size(1), norm, bias, masks, plain: false);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Values_gradients_and_running_moments_are_those_of_separate_operations(bool normalised)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using BatchNorm1d norm = Norm(), reference = nn.BatchNorm1d(Width);
        reference.load_state_dict(norm.state_dict());
        Tensor x = Input(), weights = randn(Rows, Width);

        Tensor expected = (normalised ? reference.forward(x) : x).relu();
        (expected * weights).sum().backward();
        Tensor gradient = x.grad!.clone();
        x.grad!.zero_();
        Tensor y = Activate(x, normalised ? norm : null);
        (y * weights).sum().backward();

        Near(expected, y);
        Near(gradient, x.grad!);
        if (!normalised) return;
        Near(reference.weight!.grad!, norm.weight!.grad!, 2e-3);
        Near(reference.bias!.grad!, norm.bias!.grad!, 2e-3);
        Near(reference.running_mean!, norm.running_mean!);
        Near(reference.running_var!, norm.running_var!);
    }

    [Fact]
    public void A_bias_in_place_of_a_normalisation_gets_its_gradient()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor x = Input(), weights = randn(Rows, Width), bias = randn(Width).requires_grad_();
        ((x + bias).relu() * weights).sum().backward();
        (Tensor ofInput, Tensor ofBias) = (x.grad!.clone(), bias.grad!.clone());
        x.grad!.zero_();
        bias.grad!.zero_();
        (Activate(x, null, bias: bias) * weights).sum().backward();
        Near(ofInput, x.grad!);
        Near(ofBias, bias.grad!, 1e-3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Padding_changes_no_bit_and_stays_zero_forth_and_back(bool plain)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        const int padRows = 320, padWidth = 32;
        using BatchNorm1d norm = Norm(), other = nn.BatchNorm1d(Width);
        other.load_state_dict(norm.state_dict());
        Tensor x = Input().detach().to(bfloat16), wide = zeros([padRows, padWidth], dtype: ScalarType.BFloat16), weights = randn(Rows, Width).to(bfloat16);
        wide.narrow(0, 0, Rows).narrow(1, 0, Width).copy_(x);
        x.requires_grad_();
        wide.requires_grad_();
        Tensor y = HiddenActivation.Apply(x, Rows, Width, norm, null, new DropoutMasks(.25, seed: 1), plain);
        Tensor padded = HiddenActivation.Apply(wide, Rows, Width, other, null, new DropoutMasks(.25, seed: 1), plain);
        Tensor within = plain ? padded : padded.narrow(0, 0, Rows).narrow(1, 0, Width);
        (y * weights).sum().backward();
        (within * weights).sum().backward();

        Assert.Equal(plain ? ScalarType.Float32 : ScalarType.BFloat16, padded.dtype);
        Assert.Equal(0, (y - within).abs().max().to(float32).item<float>());
        Assert.Equal(0, (x.grad! - wide.grad!.narrow(0, 0, Rows).narrow(1, 0, Width)).abs().max().to(float32).item<float>());
        Assert.Equal(y.abs().to(float32).sum().item<float>(), padded.abs().to(float32).sum().item<float>());
        Assert.Equal(x.grad!.abs().to(float32).sum().item<float>(), wide.grad!.abs().to(float32).sum().item<float>());
        Near(norm.weight!.grad!, other.weight!.grad!, 0);
    }

    [Fact]
    public void What_is_no_number_is_let_through()
    {
        using var scope = NewDisposeScope();
        Tensor x = full(2, Width, float.NaN);
        Assert.All(Activate(x, null).data<float>().ToArray(), v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void Bfloat16_agrees_with_float32_to_its_precision()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using BatchNorm1d norm = Norm(), other = nn.BatchNorm1d(Width);
        other.load_state_dict(norm.state_dict());
        Tensor x = Input(), half = x.detach().to(bfloat16).requires_grad_(), weights = randn(Rows, Width);
        Tensor y = Activate(x, norm), halfY = Activate(half, other);
        (y * weights).sum().backward();
        (halfY.to(float32) * weights).sum().backward();
        Assert.Equal(ScalarType.BFloat16, halfY.dtype);
        Near(y, halfY.to(float32), .06);
        Assert.InRange((x.grad! - half.grad!.to(float32)).abs().mean().item<float>(), 0, .03);
    }

    [Fact]
    public void Dropout_keeps_the_mean_drops_the_rate_and_lets_no_gradient_through_what_it_dropped()
    {
        using var scope = NewDisposeScope();
        var masks = new DropoutMasks(.25, seed: 1);
        Tensor x = ones(1000, 100).requires_grad_();
        Tensor first = Activate(x, null, masks), second = Activate(x, null, masks);
        first.sum().backward();
        Assert.Equal(.25, first.eq(0).to(float32).mean().item<float>(), .01);
        Assert.Equal(1, first.mean().item<float>(), .02);
        Assert.NotEqual(0, (first - second).abs().sum().item<float>());
        Near(first, x.grad!, 1e-6);
    }

    [Fact]
    public void An_epoch_drops_the_same_values_whatever_came_before_it()
    {
        using var scope = NewDisposeScope();
        DropoutMasks went = new(.5, seed: 1), resumed = new(.5, seed: 1);
        Tensor x = ones(50, 30);
        Activate(ones(900, 30), null, went);
        went.Restart(3);
        resumed.Restart(3);
        Assert.Equal(Activate(x, null, went).data<float>().ToArray(), Activate(x, null, resumed).data<float>().ToArray());
    }
}
