using Larr.Kernels;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// Softmax-weighted means of each row's history, one per head. A row has few queries and a history of its own, so that a tensor library spends its time on
/// copies and tiny products; here each history is read while it is in the cache. The number of threads changes no bit.
/// </summary>
/// <remarks>B rows, h queries of a row, L history length, d embedding dimension.</remarks>
static unsafe class TargetPooling
{
    const int BlockRows = 64;

    /// <summary>Means of the history by softmax(queries · history) over the items that the mask keeps; zeros where it keeps none.</summary>
    /// <param name="queries">[B,h,d].</param>
    /// <param name="history">[B,L,d].</param>
    /// <param name="mask">1 where there is an item, [B,L].</param>
    /// <returns>[B,h,d].</returns>
    internal static Tensor Apply(Tensor queries, Tensor history, Tensor mask) => Function.apply(queries.contiguous(), history.contiguous(), mask.contiguous());

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(TargetPooling);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (queries, history, mask) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            (long rows, int h, int l, int d) = Sizes(queries, history);
            Tensor pooled = empty_like(queries), weights = empty(rows, h, l);
            float* q = queries.Floats(), x = history.Floats(), m = mask.Floats(), w = weights.Floats(), y = pooled.Floats();
            Chunks.Run(rows, BlockRows, get_num_threads(), (from, to) =>
            {
                for (long n = from * h; n < to * h; n++)
                    TargetPoolingLoops.Forward(q + n * d, x + n / h * l * d, m + n / h * l, l, d, w + n * l, y + n * d);
            });
            ctx.save_for_backward([queries, history, weights]);
            return pooled;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor given = gradient.contiguous();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor queries, Tensor history, Tensor weights) = (saved[0], saved[1], saved[2]);
            (long rows, int h, int l, int d) = Sizes(queries, history);
            Tensor ofQueries = empty_like(queries), ofHistory = zeros_like(history);
            float* g = given.Floats(), q = queries.Floats(), x = history.Floats(), w = weights.Floats(), dq = ofQueries.Floats(), dx = ofHistory.Floats();
            Chunks.Run(rows, BlockRows, get_num_threads(), (from, to) =>
            {
                fixed (float* scratch = new float[Math.Max(l, 1)])
                {
                    for (long n = from * h; n < to * h; n++)
                        TargetPoolingLoops.Backward(g + n * d, q + n * d, x + n / h * l * d, w + n * l, l, d, scratch, dq + n * d, dx + n / h * l * d);
                }
            });
            return [ofQueries, ofHistory, null!];
        }
    }

    static (long Rows, int Heads, int Length, int Dimension) Sizes(Tensor queries, Tensor history) =>
        (queries.size(0), (int)queries.size(1), (int)history.size(1), (int)queries.size(2));
}
