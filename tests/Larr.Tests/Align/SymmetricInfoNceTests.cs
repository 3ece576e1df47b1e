using Larr.Align;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class SymmetricInfoNceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(47)]
    [InlineData(150)]
    public void Loss_and_gradient_are_those_of_cross_entropies_of_masked_scores(int pairs)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor cosines = (rand(pairs, pairs) * 2 - 1).requires_grad_();
        var random = new Random(1);
        long[] scenes = [.. Enumerable.Range(0, pairs).Select(_ => random.NextInt64(pairs))], items = [.. Enumerable.Range(0, pairs).Select(_ => long.MaxValue - random.Next(9))];
        Tensor expected = Plain(cosines, .1, scenes, items) * 3;
        expected.backward();
        Tensor gradient = cosines.grad!.clone();
        cosines.grad!.zero_();

        Tensor loss = SymmetricInfoNce.Loss(cosines, .1, scenes, items) * 3;
        loss.backward();
        Assert.Equal(expected.item<float>(), loss.item<float>(), 1e-4);
        TensorAssert.Near(gradient, cosines.grad!, 1e-5);
    }

    [Fact]
    public void A_low_temperature_does_not_overflow()
    {
        using var scope = NewDisposeScope();
        // Scores [[-900, 900], [0, 900]]: rows lose 1800 and 0, columns 900 and log 2.
        Tensor cosines = tensor(new[,] { { -.9f, .9f }, { 0, .9f } }).requires_grad_();
        Tensor loss = SymmetricInfoNce.Loss(cosines, 1e-3);
        Assert.Equal((1800 + 0 + 900 + Math.Log(2)) / 4, loss.item<float>(), 1e-2);
        loss.backward();
        Assert.True(cosines.grad!.isfinite().all().item<bool>());
    }

    /// <summary>The same in the tensor library.</summary>
    static Tensor Plain(Tensor cosines, double temperature, params long[][] same)
    {
        long pairs = cosines.size(0);
        Tensor excluded = zeros(pairs, pairs, ScalarType.Bool);
        foreach (long[] numbers in same) excluded = excluded.logical_or(tensor(numbers).unsqueeze(0).eq(tensor(numbers).unsqueeze(1)));
        Tensor scores = (cosines / temperature).masked_fill(excluded.logical_and(eye(pairs, dtype: ScalarType.Bool).logical_not()), float.NegativeInfinity), own = arange(pairs);
        return (nn.functional.cross_entropy(scores, own) + nn.functional.cross_entropy(scores.t(), own)) / 2;
    }
}
