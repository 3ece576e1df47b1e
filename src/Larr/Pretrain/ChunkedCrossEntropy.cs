using Larr.Kernels;
using Larr.Model;
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
    // Each chunk adds a product to the head's gradient, so chunks have rows enough to outweigh that pass over [V,D].
    const int ChunkElements = 1 << 23, FewestRows = 512;

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
            sum += CrossEntropy(nn.functional.linear(h.narrow(0, begin, count), w), targets.narrow(0, begin, count), 0);
        }
        return sum;
    }

    /// <summary>Sum of −log p(target) of logits [n,V]; where <paramref name="scale"/> is not 0, the logits become (softmax − one-hot) · scale.</summary>
    static unsafe double CrossEntropy(Tensor logits, Tensor targets, double scale)
    {
        (long rows, int vocabulary) = (logits.size(0), (int)logits.size(1));
        if (logits.IsForKernels())
            return logits.dtype == ScalarType.BFloat16
                ? CrossEntropyKernel<BFloat16Lanes>.Run(logits.Address(), (long*)targets.Address(), rows, vocabulary, (float)scale, get_num_threads())
                : CrossEntropyKernel<Float32Lanes>.Run(logits.Address(), (long*)targets.Address(), rows, vocabulary, (float)scale, get_num_threads());
        Tensor exact = logits.to(ScalarType.Float32), target = targets.unsqueeze(1), logSum = exact.logsumexp(1, keepdim: true);
        double loss = (logSum - exact.gather(1, target)).sum().item<float>();
        if (scale != 0) logits.copy_((exact - logSum).exp().scatter_add(1, target, full([rows, 1], -1f, device: logits.device)) * scale);
        return loss;
    }

    static IEnumerable<(long Begin, long Count)> Chunks(long rows, long vocabulary)
    {
        long size = Math.Max(FewestRows, ChunkElements / vocabulary);
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
            Tensor h = hidden.to(compute), w = head.to(compute), hiddenGradient = empty(hidden.shape, device: hidden.device), headGradient = zeros(head.shape, device: head.device);
            double loss = 0;
            foreach ((long begin, long count) in Chunks(h.size(0), head.size(0)))
            {
                using var chunk = NewDisposeScope();
                Tensor part = h.narrow(0, begin, count), logits = nn.functional.linear(part, w); // [n,D], [n,V]
                loss += CrossEntropy(logits, targets.narrow(0, begin, count), 1 / divisor);
                hiddenGradient.narrow(0, begin, count).copy_(logits.matmul(w));
                if (head.requires_grad) headGradient.add_(logits.t().matmul(part));
            }
            ctx.save_for_backward([hiddenGradient.MoveToOuterDisposeScope(), headGradient.MoveToOuterDisposeScope()]);
            return tensor((float)(loss / divisor), device: hidden.device).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            if (gradient.item<float>() != 1)
                foreach (Tensor part in saved) part.mul_(gradient);
            return [saved[0], saved[1], null!, null!, null!];
        }
    }
}
