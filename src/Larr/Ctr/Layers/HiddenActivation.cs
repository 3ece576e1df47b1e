using Larr.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// What follows the matrix product of a hidden layer in training, in one differentiable operation: batch normalisation (arXiv 1502.03167) or a bias, ReLU, dropout.
/// As separate operations these cost more than the product; here each value is read once for its column's moments and once for the result, and
/// the same backward. Runs on the CPU, in float32 or bfloat16, with sums in float32 and float64.
/// </summary>
/// <remarks>B rows, H hidden values; B' and H' with the padding of <see cref="TiledProduct"/>, or the same.</remarks>
static class HiddenActivation
{
    /// <summary>dropout(relu(norm(x))): x [B',H'] → [B',H'] in its type, or [B,H] in float32; the running moments of <paramref name="norm"/> move.</summary>
    /// <param name="x">float32 or bfloat16, contiguous.</param>
    /// <param name="rows">B.</param>
    /// <param name="columns">H.</param>
    /// <param name="norm">The normalisation's weights, or null.</param>
    /// <param name="bias">[H], in place of a normalisation, or null.</param>
    /// <param name="dropout">Which values are dropped, or null.</param>
    /// <param name="plain">Whether the result is float32 without padding.</param>
    internal static Tensor Apply(Tensor x, int rows, int columns, BatchNorm1d? norm, Tensor? bias, DropoutMasks? dropout, bool plain)
    {
        int start = dropout?.Next(rows * columns) ?? 0;
        using Tensor none = zeros(columns);
        return Function.apply(x, norm?.weight ?? none, norm?.bias ?? bias ?? none, norm!, dropout!, start, rows, plain);
    }

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(HiddenActivation);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, bias, norm, dropout, start, rows, plain) = ((Tensor)vars[0], (Tensor)vars[2], (BatchNorm1d?)vars[3], (DropoutMasks?)vars[4], (int)vars[5], (int)vars[6], (bool)vars[7]);
            using var scope = NewDisposeScope();
            int h = (int)bias.size(0);
            Tensor y = plain ? empty(rows, h) : empty_like(x), through = empty([rows, ActivationBits.Words(h)], dtype: ScalarType.Int16);
            ActivationState state = x.dtype == ScalarType.Float32 ? ActivationPass<Float32Lanes, Float32Lanes>.Forward(x, y, through, norm, bias, dropout, start)
                : plain ? ActivationPass<BFloat16Lanes, Float32Lanes>.Forward(x, y, through, norm, bias, dropout, start)
                : ActivationPass<BFloat16Lanes, BFloat16Lanes>.Forward(x, y, through, norm, bias, dropout, start);
            ctx.save_data(nameof(ActivationState), state);
            // Saved tensors are taken up after this method has returned.
            ctx.save_for_backward([x, through.MoveToOuterDisposeScope()]);
            return y.MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor g = gradient.contiguous();
            var state = (ActivationState)ctx.get_data(nameof(ActivationState));
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x, Tensor through) = (saved[0], saved[1]);
            Tensor dx = empty_like(x);
            (float[] weight, float[] bias) = x.dtype == ScalarType.Float32 ? ActivationPass<Float32Lanes, Float32Lanes>.Backward(g, x, dx, through, state)
                : g.dtype == ScalarType.Float32 ? ActivationPass<BFloat16Lanes, Float32Lanes>.Backward(g, x, dx, through, state)
                : ActivationPass<BFloat16Lanes, BFloat16Lanes>.Backward(g, x, dx, through, state);
            return [dx, tensor(weight), tensor(bias), null!, null!, null!, null!, null!];
        }
    }
}
