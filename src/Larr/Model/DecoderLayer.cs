using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Pre-norm layer on a float32 residual stream [B,T,D]: x + attention(norm x), then x + feedForward(norm x).</summary>
public sealed class DecoderLayer : nn.Module<Tensor, Layout, Tensor>
{
    internal readonly RmsNorm attentionNorm, feedForwardNorm;
    internal readonly Attention attention;
    internal readonly SwiGlu feedForward;

    /// <summary>A layer of the given shape.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="window">Tokens that a token sees, itself included; null: all before it.</param>
    public DecoderLayer(DecoderConfig config, int? window) : base(nameof(DecoderLayer))
    {
        attentionNorm = new RmsNorm(config.Width, config.NormEpsilon);
        attention = new Attention(config, window);
        feedForwardNorm = new RmsNorm(config.Width, config.NormEpsilon);
        feedForward = new SwiGlu(config.Width, config.FeedForwardWidth);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Layout layout)
    {
        using var scope = NewDisposeScope();
        Tensor seen = attention.forward(attentionNorm.forward(x, layout.Compute), layout);
        (x, Tensor h) = feedForwardNorm.AddAndNormalise(x, seen);
        return (x + feedForward.forward(h)).MoveToOuterDisposeScope();
    }
}
