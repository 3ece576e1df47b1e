using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>
/// Cross-entropy of a linear head without ever holding [tokens, vocabulary]: rows are taken in chunks, and the forward pass
/// already makes the gradients of hidden states and head, (softmax − one-hot) times the other factor
/// (as Liger's fused linear cross-entropy does, arXiv 2410.10989). Sums over rows, in nats; ignored rows cost nothing.
/// Shapes: N tokens, D width, V vocabulary.
/// </summary>
public static class ChunkedCrossEntropy
{
    const int ChunkElements = 1 << 22;

    /// <summary>
    /// Sum over the predicted tokens of −log p(next), divided by <paramref name="divisor"/>; differentiable in hidden and head.
    /// </summary>
    /// <param name="hidden">[N,D] float32.</param>
    /// <param name="head">[V,D] float32.</param>
    /// <param name="next">[N] int64; <see cref="TargetSegments.Ignored"/> is left out.</param>
    /// <param name="divisor">For a mean: the number of predicted tokens of the whole step.</param>
    /// <param name="compute">Type of the products.</param>
    public static Tensor Loss(Tensor hidden, Tensor head, Tensor next, double divisor, ScalarType compute)
    {
        using var scope = NewDisposeScope();
        Tensor rows = next.ne(TargetSegments.Ignored).nonzero().squeeze(1);
        return Function.apply(hidden.index_select(0, rows), head, next.index_select(0, rows), divisor, compute).MoveToOuterDisposeScope();
    }

    /// <summary>−log p(next) summed over the predicted tokens, without gradients.</summary>
    public static double Sum(Tensor hidden, Tensor head, Tensor next, ScalarType compute)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor rows = next.ne(TargetSegments.Ignored).nonzero().squeeze(1), h = hidden.index_select(0, rows).to(compute), targets = next.index_select(0, rows), w = head.to(compute);
        double sum = 0;
        foreach ((long begin, long count) in Chunks(h.size(0), head.size(0)))
        {
            using var chunk = NewDisposeScope();
            Tensor logits = nn.functional.linear(h.narrow(0, begin, count), w).to(ScalarType.Float32);
            sum += nn.functional.cross_entropy(logits, targets.narrow(0, begin, count), reduction: nn.Reduction.Sum).item<float>();
        }
        return sum;
    }

    static IEnumerable<(long Begin, long Count)> Chunks(long rows, long vocabulary)
    {
        long size = Math.Max(1, ChunkElements / vocabulary);
        for (long begin = 0; begin < rows; begin += size) yield return (begin, Math.Min(size, rows - begin));
    }

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(ChunkedCrossEntropy);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (hidden, head, targets, divisor, compute) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (double)vars[3], (ScalarType)vars[4]);
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor h = hidden.to(compute), w = head.to(compute);
            Tensor hiddenGradient = empty(hidden.shape, device: hidden.device), headGradient = zeros(head.shape, device: head.device), loss = zeros(1, device: hidden.device);
            foreach ((long begin, long count) in Chunks(h.size(0), head.size(0)))
            {
                using var chunk = NewDisposeScope();
                Tensor part = h.narrow(0, begin, count), target = targets.narrow(0, begin, count).unsqueeze(1); // [n,D], [n,1]
                Tensor logits = nn.functional.linear(part, w).to(ScalarType.Float32); // [n,V]
                Tensor logSum = logits.logsumexp(1, keepdim: true);
                loss.add_((logSum - logits.gather(1, target)).sum());
                Tensor gradient = (logits.sub_(logSum)).exp_(); // softmax
                gradient.scatter_add_(1, target, full([count, 1], -1f, device: hidden.device)).div_(divisor);
                gradient = gradient.to(compute);
                hiddenGradient.narrow(0, begin, count).copy_(gradient.matmul(w));
                headGradient.add_(gradient.t().matmul(part));
            }
            ctx.save_for_backward([hiddenGradient.MoveToOuterDisposeScope(), headGradient.MoveToOuterDisposeScope()]);
            return (loss / divisor).squeeze(0).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            return [saved[0] * gradient, saved[1] * gradient, null!, null!, null!];
        }
    }
}
