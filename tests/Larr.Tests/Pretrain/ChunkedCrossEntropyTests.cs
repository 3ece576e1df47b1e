using Larr.Pretrain;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Pretrain;

[Collection("torch")]
public class ChunkedCrossEntropyTests
{
    [Fact]
    public void Loss_and_gradients_are_those_of_the_whole_matrix()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        const int n = 1200, v = 17_000, d = 6; // three chunks of 512 rows at most
        Tensor hidden = randn(n, d, generator: generator).requires_grad_(), head = randn(v, d, generator: generator).requires_grad_();
        Tensor next = (rand(n, generator: generator) * v).to(ScalarType.Int64);
        next[0] = TargetSegments.Ignored;
        next[7] = TargetSegments.Ignored;
        Tensor plain = nn.functional.cross_entropy(hidden.matmul(head.t()), next, reduction: nn.Reduction.Sum) / 17 * 3;
        plain.backward();
        Tensor hiddenGradient = hidden.grad!.clone(), headGradient = head.grad!.clone();
        hidden.grad.zero_();
        head.grad.zero_();
        Tensor chunked = ChunkedCrossEntropy.Loss(hidden, head, next, 17, ScalarType.Float32) * 3;
        chunked.backward();
        Assert.Equal(plain.item<float>(), chunked.item<float>(), 1e-2);
        Assert.True(hidden.grad.allclose(hiddenGradient, atol: 1e-5));
        Assert.True(head.grad.allclose(headGradient, atol: 1e-5));
        Assert.Equal(plain.item<float>() * 17 / 3, ChunkedCrossEntropy.Sum(hidden, head, next, ScalarType.Float32), 0.1);
    }

    [Fact]
    public void No_prediction_is_no_loss()
    {
        using var scope = NewDisposeScope();
        Tensor loss = ChunkedCrossEntropy.Loss(randn(3, 4).requires_grad_(), randn(5, 4), full([3], TargetSegments.Ignored, ScalarType.Int64), 1, ScalarType.Float32);
        Assert.Equal(0, loss.item<float>());
    }

    [Fact]
    public void Steps_leave_no_tensors()
    {
        using var outer = NewDisposeScope();
        Tensor hidden = randn(30, 4).requires_grad_(), head = randn(50, 4).requires_grad_(), next = zeros(30, ScalarType.Int64);
        long counted = 0;
        for (int i = 0; i < 10; i++)
        {
            using (var scope = NewDisposeScope()) ChunkedCrossEntropy.Loss(hidden, head, next, 30, ScalarType.Float32).backward();
            if (i == 0) counted = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Equal(counted, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
