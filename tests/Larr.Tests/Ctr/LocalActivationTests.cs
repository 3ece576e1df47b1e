using Larr.Ctr.Backbones;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class LocalActivationTests
{
    [Theory]
    [InlineData(150, 7, 5, 3)]
    [InlineData(150, 20, 16, 36)]
    [InlineData(3, 1, 19, 16)]
    public void Values_and_gradients_are_those_of_the_unit_on_all_four_inputs(int rows, int length, int d, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var attend = nn.Linear(4 * d, width);
        using var weigh = nn.Linear(width, 1);
        Tensor target = randn(rows, d).requires_grad_(), history = randn(rows, length, d).requires_grad_(), factors = randn(rows, d);
        Tensor mask = (rand(rows, length) < .7).to(float32);
        mask[1] = zeros(length);
        Tensor[] inputs = [target, history, .. attend.parameters(), .. weigh.parameters()];
        Tensor[] Gradients(Tensor pooled)
        {
            pooled.backward([factors]);
            Tensor[] gradients = [.. inputs.Select(i => i.grad!.clone())];
            foreach (Tensor input in inputs) input.grad!.zero_();
            return gradients;
        }

        Tensor query = target.unsqueeze(1).expand_as(history);
        Tensor pairs = cat([query, history, query - history, query * history], -1); // [B,L,4d]
        Tensor expected = (weigh.forward(attend.forward(pairs).relu()).squeeze(-1) * mask).unsqueeze(1).matmul(history).squeeze(1);
        Tensor[] gradients = Gradients(expected);

        Tensor pooled = LocalActivation.Apply(target, history, mask, attend, weigh);

        Near(expected, pooled);
        foreach ((Tensor right, Tensor got) in gradients.Zip(Gradients(pooled))) Near(right, got, 1e-5 * Math.Max(1, right.abs().max().item<float>()));
        Assert.Equal(0, pooled[1].abs().sum().item<float>());
    }

    [Fact]
    public void What_the_mask_hides_is_not_read()
    {
        using var scope = NewDisposeScope();
        using var attend = nn.Linear(8, 4);
        using var weigh = nn.Linear(4, 1);
        Tensor target = randn(1, 2), history = tensor(new[, ,] { { { 1f, 2f }, { float.NaN, float.NaN } } });
        Tensor pooled = LocalActivation.Apply(target, history, tensor(new[,] { { 1f, 0f } }), attend, weigh);
        Near(LocalActivation.Apply(target, history.narrow(1, 0, 1), ones(1, 1), attend, weigh), pooled);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        manual_seed(1);
        using var attend = nn.Linear(64, 36);
        using var weigh = nn.Linear(36, 1);
        using Tensor history = randn(300, 20, 16), mask = (rand(300, 20) < .7).to(float32), start = randn(300, 16);
        byte[][] Run(int threads)
        {
            using var before = new ThreadCount();
            set_num_threads(threads);
            using var scope = NewDisposeScope();
            Tensor target = start.clone().requires_grad_();
            Tensor pooled = LocalActivation.Apply(target, history, mask, attend, weigh);
            pooled.square().sum().backward();
            Tensor[] results = [pooled.detach(), target.grad!, .. attend.parameters().Concat(weigh.parameters()).Select(p => p.grad!)];
            byte[][] bytes = [.. results.Select(r => r.bytes.ToArray())];
            attend.zero_grad();
            weigh.zero_grad();
            return bytes;
        }
        Assert.Equal(Run(1), Run(3));
    }
}
