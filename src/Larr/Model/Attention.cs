using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>What all layers share for one batch: either runs of tokens, or a mask, or neither (then rows are causal).</summary>
/// <param name="Cos">Rotary cosines: [T,d/2] with runs, else broadcast to [B,H,T,d/2].</param>
/// <param name="Sin">Rotary sines of the same shape.</param>
/// <param name="Mask">Added to the scores, [B,1,T,T] in the compute type.</param>
/// <param name="Runs">Tokens that see only each other, causally, among the B·T tokens; on the processor only.</param>
/// <param name="Compute">Type of the matrix products.</param>
/// <param name="Cache">Keys and values of earlier tokens, which the batch goes on from under a mask; null = the batch is whole.</param>
public sealed record Layout(Tensor Cos, Tensor Sin, Tensor? Mask, IReadOnlyList<TokenRun>? Runs, ScalarType Compute, KeyValueCache? Cache = null);

/// <summary>
/// Grouped-query attention (arXiv 2305.13245): H query heads share K key and value heads.
/// Shapes: B batch, T tokens, D width, H query heads, K key/value heads, d head width.
/// The three input maps are one weight with the rows q, k, v.
/// </summary>
public sealed class Attention : nn.Module<Tensor, Layout, Tensor>
{
    internal readonly Projection qkv, output;
    internal readonly RmsNorm? queryNorm, keyNorm;
    readonly AttentionShape shape;

    /// <summary>Attention of the given shape.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="window">Tokens that a token sees, itself included; null: all before it. Masks have it in them already.</param>
    public Attention(DecoderConfig config, int? window = null) : base(nameof(Attention))
    {
        shape = new AttentionShape(config.Heads, config.KeyValueHeads, config.HeadWidth, window ?? 0, (float)config.NormEpsilon);
        qkv = new Projection(config.Width, shape.RowWidth, config.AttentionBias);
        output = new Projection(config.Heads * config.HeadWidth, config.Width, config.OutputBias);
        if (config.QueryKeyNorm)
        {
            queryNorm = new RmsNorm(config.HeadWidth, config.NormEpsilon);
            keyNorm = new RmsNorm(config.HeadWidth, config.NormEpsilon);
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Layout layout)
    {
        using var scope = NewDisposeScope();
        Tensor all = qkv.forward(x); // [B,T,(H+2K)·d]
        Tensor y = layout.Runs is null ? Masked(all, layout) : AttentionFunction.Of(all, queryNorm?.weight, keyNorm?.weight, layout, shape); // [B,T,H·d]
        return output.forward(y).MoveToOuterDisposeScope(); // [B,T,D]
    }

    /// <summary>The same by the tensor library's operations, under a mask.</summary>
    Tensor Masked(Tensor all, Layout layout)
    {
        (long rows, long length, int heads, int shared) = (all.size(0), all.size(1), shape.Heads, shape.KeyValueHeads);
        ScalarType type = all.dtype;
        all = all.view(rows, length, -1, shape.HeadWidth).transpose(1, 2); // [B,H+2K,T,d]
        Tensor q = all.narrow(1, 0, heads), k = all.narrow(1, heads, shared), v = all.narrow(1, heads + shared, shared);
        q = Rope.Rotate(queryNorm?.forward(q.to(ScalarType.Float32)) ?? q, layout.Cos, layout.Sin).to(type); // [B,H,T,d]
        k = Rope.Rotate(keyNorm?.forward(k.to(ScalarType.Float32)) ?? k, layout.Cos, layout.Sin).to(type); // [B,K,T,d]
        if (layout.Cache is { } cache) (k, v) = cache.Append(this, k, v); // [B,K,S,d]
        if (heads != shared)
        {
            k = k.repeat_interleave(heads / shared, 1); // [B,H,T,d]
            v = v.repeat_interleave(heads / shared, 1);
        }
        Tensor y = nn.functional.scaled_dot_product_attention(q, k, v, layout.Mask!, is_casual: layout.Mask is null); // [B,H,T,d]
        return y.transpose(1, 2).reshape(rows, length, -1); // [B,T,H·d]
    }
}
