using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary><see cref="AttentionKernel{T}"/> with gradients: [..., (H+2K)·d] → [..., H·d].</summary>
sealed unsafe class AttentionFunction : autograd.SingleTensorFunction<AttentionFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(Attention);

    /// <summary>Attention within runs. Norm weights are null where the model has none.</summary>
    public static Tensor Of(Tensor qkv, Tensor? queryNorm, Tensor? keyNorm, Layout layout, AttentionShape shape)
    {
        var inputs = new Inputs(layout.Cos, layout.Sin, layout.Runs!, shape);
        return queryNorm is null ? apply(qkv.contiguous(), inputs) : apply(qkv.contiguous(), inputs, queryNorm, keyNorm!);
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (qkv, inputs) = ((Tensor)vars[0], (Inputs)vars[1]);
        (Tensor? queryNorm, Tensor? keyNorm) = vars is [_, _, Tensor first, Tensor second] ? (first, second) : (null, null);
        Tensor y = zeros([.. qkv.shape[..^1], inputs.Shape.Heads * inputs.Shape.HeadWidth], dtype: qkv.dtype);
        float* cos = inputs.Cos.Floats(), sin = inputs.Sin.Floats(), q = Floats(queryNorm), k = Floats(keyNorm);
        int threads = get_num_threads();
        if (qkv.dtype == ScalarType.BFloat16) new AttentionKernel<BFloat16Lanes>(inputs.Shape, cos, sin, q, k).Forward(qkv.Address(), y.Address(), inputs.Runs, threads);
        else new AttentionKernel<Float32Lanes>(inputs.Shape, cos, sin, q, k).Forward(qkv.Address(), y.Address(), inputs.Runs, threads);
        List<Tensor> saved = [qkv, inputs.Cos, inputs.Sin];
        if (queryNorm is not null) saved.AddRange([queryNorm, keyNorm!]);
        ctx.save_for_backward(saved);
        ctx.save_data("inputs", inputs);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var inputs = (Inputs)ctx.get_data("inputs");
        List<Tensor> saved = ctx.get_saved_variables();
        bool norms = saved.Count == 5;
        Tensor qkv = saved[0], above = gradient.contiguous(), result = zeros(qkv.shape, dtype: qkv.dtype);
        Tensor? queryGradient = norms ? empty(saved[3].shape) : null, keyGradient = norms ? empty(saved[4].shape) : null;
        float* cos = saved[1].Floats(), sin = saved[2].Floats(), q = norms ? saved[3].Floats() : null, k = norms ? saved[4].Floats() : null;
        int threads = get_num_threads();
        if (qkv.dtype == ScalarType.BFloat16) new AttentionKernel<BFloat16Lanes>(inputs.Shape, cos, sin, q, k).Backward(qkv.Address(), above.Address(), result.Address(), Floats(queryGradient), Floats(keyGradient), inputs.Runs, threads);
        else new AttentionKernel<Float32Lanes>(inputs.Shape, cos, sin, q, k).Backward(qkv.Address(), above.Address(), result.Address(), Floats(queryGradient), Floats(keyGradient), inputs.Runs, threads);
        Tensor outer = result.MoveToOuterDisposeScope();
        return norms ? [outer, null!, queryGradient!.MoveToOuterDisposeScope(), keyGradient!.MoveToOuterDisposeScope()] : [outer, null!];
    }

    static float* Floats(Tensor? tensor) => tensor is null ? null : tensor.Floats();

    sealed record Inputs(Tensor Cos, Tensor Sin, IReadOnlyList<TokenRun> Runs, AttentionShape Shape);
}
