using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>What all layers share for one batch.</summary>
/// <param name="Cos">Rotary cosines, broadcast to [B,H,T,d/2].</param>
/// <param name="Sin">Rotary sines of the same shape.</param>
/// <param name="Mask">Added to the scores, [B,1,T,T] in the compute type; null = causal.</param>
/// <param name="Compute">Type of the matrix products.</param>
/// <param name="Cache">Keys and values of earlier tokens, which the batch goes on from; null = the batch is whole.</param>
public sealed record Layout(Tensor Cos, Tensor Sin, Tensor? Mask, ScalarType Compute, KeyValueCache? Cache = null);

/// <summary>
/// Grouped-query attention (arXiv 2305.13245): H query heads share K key and value heads.
/// Shapes: B batch, T tokens, D width, H query heads, K key/value heads, d head width.
/// The three input maps are one weight with the rows q, k, v.
/// </summary>
public sealed class Attention : nn.Module<Tensor, Layout, Tensor>
{
    internal readonly Projection qkv, output;
    internal readonly RmsNorm? queryNorm, keyNorm;
    readonly int heads, keyValueHeads, headWidth;

    /// <summary>Attention of the given shape.</summary>
    public Attention(DecoderConfig config) : base(nameof(Attention))
    {
        (heads, keyValueHeads, headWidth) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        qkv = new Projection(config.Width, (heads + 2 * keyValueHeads) * headWidth, config.AttentionBias);
        output = new Projection(heads * headWidth, config.Width, config.OutputBias);
        if (config.QueryKeyNorm)
        {
            queryNorm = new RmsNorm(headWidth, config.NormEpsilon);
            keyNorm = new RmsNorm(headWidth, config.NormEpsilon);
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Layout layout)
    {
        using var scope = NewDisposeScope();
        Tensor all = qkv.forward(x).view(x.size(0), x.size(1), -1, headWidth).transpose(1, 2); // [B,H+2K,T,d]
        Tensor q = all.narrow(1, 0, heads), k = all.narrow(1, heads, keyValueHeads), v = all.narrow(1, heads + keyValueHeads, keyValueHeads);
        q = Rope.Rotate(queryNorm?.forward(q) ?? q, layout.Cos, layout.Sin).to(x.dtype); // [B,H,T,d]
        k = Rope.Rotate(keyNorm?.forward(k) ?? k, layout.Cos, layout.Sin).to(x.dtype); // [B,K,T,d]
        if (layout.Cache is { } cache) (k, v) = cache.Append(this, k, v); // [B,K,S,d]
        if (heads != keyValueHeads)
        {
            k = k.repeat_interleave(heads / keyValueHeads, 1); // [B,H,T,d]
            v = v.repeat_interleave(heads / keyValueHeads, 1);
        }
        Tensor y = nn.functional.scaled_dot_product_attention(q, k, v, layout.Mask!, is_casual: layout.Mask is null); // [B,H,T,d]
        return output.forward(y.transpose(1, 2).reshape(x.size(0), x.size(1), -1)).MoveToOuterDisposeScope(); // [B,T,D]
    }
}
