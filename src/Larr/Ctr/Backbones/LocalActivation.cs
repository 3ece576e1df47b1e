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
            Tensor[] given = [.. vars.Cast<Tensor>()];
            (Tensor target, Tensor history, Tensor mask) = (given[0], given[1], given[2]);
            LocalActivationLoops loops = Loops(given);
            int l = loops.Length, d = (int)target.size(1);
            Tensor sums = empty_like(target);
            float* q = target.Floats(), h = history.Floats(), m = mask.Floats(), y = sums.Floats();
            Chunks.Run(target.size(0), BlockRows, get_num_threads(), (from, to) =>
            {
                using var scratch = new Scratch(loops.Scratch);
                for (long row = from; row < to; row++) loops.Forward(q + row * d, h + row * l * d, m + row * l, scratch, y + row * d);
            });
            ctx.save_for_backward([.. given]);
            return sums;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor g = gradient.contiguous();
            List<Tensor> given = ctx.get_saved_variables();
            (Tensor target, Tensor history, Tensor mask) = (given[0], given[1], given[2]);
            LocalActivationLoops loops = Loops(given);
            int l = loops.Length, d = (int)target.size(1), width = (int)given[3].size(0);
            Tensor ofTarget = empty_like(target), ofHistory = empty_like(history);
            float* gradients = g.Floats(), q = target.Floats(), h = history.Floats(), m = mask.Floats(), dq = ofTarget.Floats(), dh = ofHistory.Floats();
            var sums = new LocalActivationSums[(target.size(0) + BlockRows - 1) / BlockRows];
            Chunks.Run(target.size(0), BlockRows, get_num_threads(), (from, to) =>
            {
                using var scratch = new Scratch(loops.Scratch);
                LocalActivationSums own = sums[from / BlockRows] = new LocalActivationSums(width, d);
                for (long row = from; row < to; row++)
                    loops.Backward(gradients + row * d, q + row * d, h + row * l * d, m + row * l, scratch, own, dq + row * d, dh + row * l * d);
            });
            return [ofTarget, ofHistory, null!, .. LocalActivationSums.Gradients(sums, width, d)];
        }
    }

    static LocalActivationLoops Loops(IReadOnlyList<Tensor> given)
    {
        (Tensor target, Tensor history, Tensor attend) = (given[0], given[1], given[3]);
        return new LocalActivationLoops((int)history.size(1), new LocalActivationWeights(attend.Floats(), given[4].Floats(), given[5].Floats(), given[6].Floats()[0], (int)attend.size(0), (int)target.size(1)));
    }
}
