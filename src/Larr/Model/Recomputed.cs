using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// A layer that keeps only its input in the forward pass and computes the rest again in the backward pass (arXiv 1604.06174):
/// memory grows with one tensor per layer, for a third more work. The layer's parameters get their gradients as it runs again.
/// </summary>
sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
{
    /// <inheritdoc/>
    public override string Name => nameof(Recomputed);

    /// <summary>layer(x); x must require a gradient, else the layer's parameters get none.</summary>
    public static Tensor Of(DecoderLayer layer, Tensor x, Layout layout) => apply(x, layer, layout);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, layer, layout) = ((Tensor)vars[0], (DecoderLayer)vars[1], (Layout)vars[2]);
        ctx.save_for_backward(layout.Mask is null ? [x, layout.Cos, layout.Sin] : [x, layout.Cos, layout.Sin, layout.Mask]);
        ctx.save_data("layer", layer);
        ctx.save_data("layout", layout);
        using var noGrad = no_grad();
        return layer.forward(x, layout);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        Layout layout = (Layout)ctx.get_data("layout") with { Cos = saved[1], Sin = saved[2], Mask = saved.Count > 3 ? saved[3] : null };
        Tensor x = saved[0].detach().requires_grad_();
        using (enable_grad()) ((DecoderLayer)ctx.get_data("layer")).forward(x, layout).backward([gradient]);
        return [x.grad!.MoveToOuterDisposeScope(), null!, null!];
    }
}
