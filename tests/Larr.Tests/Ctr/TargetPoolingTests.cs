using Larr.Ctr.Backbones;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class TargetPoolingTests
{
    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(2, 40, 16)]
    [InlineData(3, 1, 19)]
    public void Values_and_gradients_are_those_of_a_masked_softmax(int heads, int length, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        const int rows = 150;
        Tensor queries = randn(rows, heads, width).requires_grad_(), history = randn(rows, length, width).requires_grad_(), factors = randn(rows, heads, width);
        Tensor mask = (rand(rows, length) < .7).to(float32);
        mask[3] = zeros(length);
        Tensor scores = queries.matmul(history.transpose(1, 2)) + (mask - 1).mul(1e9).unsqueeze(1);
        Tensor expected = (scores.softmax(-1) * mask.unsqueeze(1)).matmul(history);
        expected.backward([factors]);
        (Tensor ofQueries, Tensor ofHistory) = (queries.grad!.clone(), history.grad!.clone());
        queries.grad!.zero_();
        history.grad!.zero_();

        Tensor pooled = TargetPooling.Apply(queries, history, mask);
        pooled.backward([factors]);

        Near(expected, pooled);
        Near(ofQueries, queries.grad!);
        Near(ofHistory, history.grad!);
        Assert.Equal(0, pooled[3].abs().sum().item<float>());
        Assert.Equal(0, history.grad![3].abs().sum().item<float>());
    }

    [Fact]
    public void Great_scores_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        Tensor pooled = TargetPooling.Apply(tensor(new[, ,] { { { 1000f } } }), tensor(new[, ,] { { { 1f }, { 2f } } }), ones(1, 2));
        Assert.Equal(2f, pooled.item<float>());
    }
}
