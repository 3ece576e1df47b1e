using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary><see cref="SwiGluKernel{T}"/> with gradients: [..., 2F] → [..., F].</summary>
sealed unsafe class SwiGluFunction : autograd.SingleTensorFunction<SwiGluFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(SwiGlu);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var both = (Tensor)vars[0];
        int f = (int)both.size(-1) / 2, threads = get_num_threads();
        long n = both.numel() / (2 * f);
        Tensor y = empty([.. both.shape[..^1], f], dtype: both.dtype);
        if (both.dtype == ScalarType.BFloat16) SwiGluKernel<BFloat16Lanes>.Forward(both.Address(), y.Address(), n, f, threads);
        else SwiGluKernel<Float32Lanes>.Forward(both.Address(), y.Address(), n, f, threads);
        ctx.save_for_backward([both]);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Tensor both = ctx.get_saved_variables()[0], above = gradient.contiguous(), result = empty(both.shape, dtype: both.dtype);
        int f = (int)both.size(-1) / 2, threads = get_num_threads();
        long n = both.numel() / (2 * f);
        if (both.dtype == ScalarType.BFloat16) SwiGluKernel<BFloat16Lanes>.Backward(both.Address(), above.Address(), result.Address(), n, f, threads);
        else SwiGluKernel<Float32Lanes>.Backward(both.Address(), above.Address(), result.Address(), n, f, threads);
        return [result.MoveToOuterDisposeScope()];
    }
}
