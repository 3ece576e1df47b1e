using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Rows of a table by id, [V,D] and [N] → [N,D] float32, with the table's gradient.</summary>
sealed unsafe class EmbeddingFunction : autograd.SingleTensorFunction<EmbeddingFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(TokenEmbedding);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (table, ids) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([ids]);
        ctx.save_data("rows", table.size(0));
        return table.index_select(0, ids);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Tensor ids = ctx.get_saved_variables()[0], above = gradient.contiguous(), table = zeros((long)ctx.get_data("rows"), gradient.size(1));
        EmbeddingKernel.Scatter((long*)ids.Address(), above.Floats(), table.Floats(), ids.numel(), (int)gradient.size(1));
        return [table.MoveToOuterDisposeScope(), null!];
    }
}
