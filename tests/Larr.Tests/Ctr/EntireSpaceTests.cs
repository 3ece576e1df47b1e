using Larr.Ctr;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class EntireSpaceTests
{
    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [Fact]
    public void A_conversion_is_a_click_times_a_conversion_after_it()
    {
        using var scope = NewDisposeScope();
        var logits = new CtrLogits(tensor(new[] { .5f, -2f }), tensor(new[] { -1f, 3f }));
        float[] p = EntireSpace.LogProbability(logits).exp().data<float>().ToArray();
        Assert.Equal(Sigmoid(.5) * Sigmoid(-1), p[0], 1e-6);
        Assert.Equal(Sigmoid(-2) * Sigmoid(3), p[1], 1e-6);
    }

    [Fact]
    public void The_loss_is_the_sum_of_both_cross_entropies()
    {
        using var scope = NewDisposeScope();
        var logits = new CtrLogits(tensor(new[] { .5f, -2f }), tensor(new[] { -1f, 3f }));
        double click = -(Math.Log(Sigmoid(.5)) + Math.Log(1 - Sigmoid(-2))) / 2;
        double conversion = -(Math.Log(Sigmoid(.5) * Sigmoid(-1)) + Math.Log(1 - Sigmoid(-2) * Sigmoid(3))) / 2;
        Tensor labels = tensor(new[] { 1f, 0f });
        Assert.Equal(click + conversion, EntireSpace.Loss(logits, labels, labels).item<float>(), 1e-5);
        Assert.Equal(click, EntireSpace.Loss(logits with { Conversion = null }, labels, null).item<float>(), 1e-5);
    }

    [Fact]
    public void A_wrong_certainty_stays_finite_with_a_finite_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor logit = tensor(new[] { 80f }, requires_grad: true);
        Tensor loss = EntireSpace.Loss(new CtrLogits(logit, logit), zeros(1), zeros(1));
        loss.backward();
        Assert.True(float.IsFinite(loss.item<float>()));
        Assert.True(float.IsFinite(logit.grad!.item<float>()));
    }
}
