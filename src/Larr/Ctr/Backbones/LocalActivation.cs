using Larr.Kernels;
using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// DIN's local activation unit and the sum by its weights (arXiv 1706.06978). The first layer sees the item shown q, an item of the history h, q − h and q·h, and
/// is linear: its product with the four is (Wq + Wd) q + (Wh − Wd + Wp diag(q)) h, one small matrix per row, and no [B,L,4d] tensor is ever made. A row is worked
/// on while it is in the cache. The number of threads changes no bit.
/// </summary>
/// <remarks>B rows, L history length, d embedding dimension, A width of the unit; A' and d' rounded up to 16.</remarks>
static unsafe class LocalActivation
{
    const int BlockRows = 64;

    /// <summary>Sums of the histories by weigh(relu(attend([q, h, q − h, q·h]))), over the items that the mask keeps.</summary>
    /// <param name="target">q [B,d].</param>
    /// <param name="history">[B,L,d].</param>
    /// <param name="mask">1 where there is an item, [B,L].</param>
    /// <param name="attend">4d → A.</param>
    /// <param name="weigh">A → 1.</param>
    /// <returns>[B,d].</returns>
    internal static Tensor Apply(Tensor target, Tensor history, Tensor mask, Linear attend, Linear weigh) =>
        Function.apply(target.contiguous(), history.contiguous(), mask.contiguous(), attend.weight!, attend.bias!, weigh.weight!, weigh.bias!);

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(LocalActivation);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (target, history, mask, attend) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3]);
            int l = (int)history.size(1), d = (int)target.size(1);
            float* attendBias = ((Tensor)vars[4]).Floats(), weigh = ((Tensor)vars[5]).Floats(), weighBias = ((Tensor)vars[6]).Floats();
            var loops = new LocalActivationLoops(l, new LocalActivationWeights(attend.Floats(), attendBias, weigh, *weighBias, (int)attend.size(0), d));
            Tensor sums = empty_like(target);
            float* q = target.Floats(), h = history.Floats(), m = mask.Floats(), y = sums.Floats();
            Chunks.Run(target.size(0), BlockRows, get_num_threads(), (from, to) =>
            {
                using var scratch = new Scratch(loops.Scratch);
                for (long row = from; row < to; row++) loops.Forward(q + row * d, h + row * l * d, m + row * l, scratch, y + row * d);
            });
            ctx.save_for_backward([target, history, mask]);
            ctx.save_data(nameof(LocalActivationLoops), loops);
            return sums;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor g = gradient.contiguous();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor target, Tensor history, Tensor mask) = (saved[0], saved[1], saved[2]);
            var loops = (LocalActivationLoops)ctx.get_data(nameof(LocalActivationLoops));
            int l = loops.Length, d = loops.Weights.Dimension;
            Tensor ofTarget = empty_like(target), ofHistory = empty_like(history);
            float* gradients = g.Floats(), q = target.Floats(), h = history.Floats(), m = mask.Floats(), dq = ofTarget.Floats(), dh = ofHistory.Floats();
            var sums = new LocalActivationSums[(target.size(0) + BlockRows - 1) / BlockRows];
            Chunks.Run(target.size(0), BlockRows, get_num_threads(), (from, to) =>
            {
                using var scratch = new Scratch(loops.Scratch);
                LocalActivationSums own = sums[from / BlockRows] = new LocalActivationSums(loops.Weights);
                for (long row = from; row < to; row++)
                    loops.Backward(gradients + row * d, q + row * d, h + row * l * d, m + row * l, scratch, own, dq + row * d, dh + row * l * d);
            });
            return [ofTarget, ofHistory, null!, .. LocalActivationSums.Gradients(sums, loops.Weights)];
        }
    }
}
