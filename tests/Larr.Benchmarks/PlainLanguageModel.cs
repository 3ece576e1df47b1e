using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// The same decoder written straight from the tensor library's modules: float32, one map each for q, k, v, gate and up, norms from
/// single operations, cross-entropy of all logits at once, the library's AdamW. What ours is compared with.
/// </summary>
sealed class PlainLanguageModel : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    readonly Embedding embed;
    readonly ModuleList<PlainLayer> layers;
    readonly PlainNorm norm;

    public PlainLanguageModel(DecoderConfig config) : base(nameof(PlainLanguageModel))
    {
        embed = nn.Embedding(config.VocabularySize, config.Width);
        layers = new ModuleList<PlainLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new PlainLayer(config))]);
        norm = new PlainNorm(config.Width);
        RegisterComponents();
        using var noGrad = no_grad();
        embed.weight!.mul_(0.02);
    }

    /// <summary>Mean loss of ids [B,T] under a mask [B,1,T,T] with the next tokens [B·T], −100 left out.</summary>
    public override Tensor forward(Tensor ids, Tensor mask, Tensor next)
    {
        using var scope = NewDisposeScope();
        Tensor x = embed.forward(ids);
        foreach (PlainLayer layer in layers) x = layer.forward(x, mask);
        Tensor logits = nn.functional.linear(norm.forward(x), embed.weight!);
        return nn.functional.cross_entropy(logits.flatten(0, 1), next, ignore_index: -100).MoveToOuterDisposeScope();
    }
}

sealed class PlainNorm : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;

    public PlainNorm(int width) : base(nameof(PlainNorm))
    {
        weight = new Parameter(ones(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (x * (x.square().mean([-1], keepdim: true) + 1e-6).rsqrt() * weight).MoveToOuterDisposeScope();
    }
}

sealed class PlainLayer : nn.Module<Tensor, Tensor, Tensor>
{
    readonly PlainNorm attentionNorm, feedForwardNorm;
    readonly Linear q, k, v, o, gate, up, down;
    readonly PlainNorm? queryNorm, keyNorm;
    readonly DecoderConfig config;

    public PlainLayer(DecoderConfig c) : base(nameof(PlainLayer))
    {
        config = c;
        attentionNorm = new PlainNorm(c.Width);
        feedForwardNorm = new PlainNorm(c.Width);
        q = nn.Linear(c.Width, c.Heads * c.HeadWidth, hasBias: false);
        k = nn.Linear(c.Width, c.KeyValueHeads * c.HeadWidth, hasBias: false);
        v = nn.Linear(c.Width, c.KeyValueHeads * c.HeadWidth, hasBias: false);
        o = nn.Linear(c.Heads * c.HeadWidth, c.Width, hasBias: false);
        gate = nn.Linear(c.Width, c.FeedForwardWidth, hasBias: false);
        up = nn.Linear(c.Width, c.FeedForwardWidth, hasBias: false);
        down = nn.Linear(c.FeedForwardWidth, c.Width, hasBias: false);
        if (c.QueryKeyNorm) (queryNorm, keyNorm) = (new PlainNorm(c.HeadWidth), new PlainNorm(c.HeadWidth));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor mask)
    {
        using var scope = NewDisposeScope();
        Tensor h = attentionNorm.forward(x);
        Tensor a = Turn(Heads(q.forward(h), queryNorm)), b = Turn(Heads(k.forward(h), keyNorm)), c = Heads(v.forward(h), null);
        int group = config.Heads / config.KeyValueHeads;
        if (group > 1) (b, c) = (b.repeat_interleave(group, 1), c.repeat_interleave(group, 1));
        Tensor y = nn.functional.scaled_dot_product_attention(a, b, c, mask); // [B,H,T,d]
        x = x + o.forward(y.transpose(1, 2).flatten(2));
        h = feedForwardNorm.forward(x);
        return (x + down.forward(nn.functional.silu(gate.forward(h)) * up.forward(h))).MoveToOuterDisposeScope();
    }

    Tensor Heads(Tensor x, PlainNorm? norm)
    {
        Tensor heads = x.view(x.size(0), x.size(1), -1, config.HeadWidth).transpose(1, 2);
        return norm is null ? heads : norm.forward(heads);
    }

    Tensor Turn(Tensor x)
    {
        long half = config.HeadWidth / 2;
        Tensor angle = arange(x.size(2), ScalarType.Float32).unsqueeze(1) * pow(config.RopeTheta, arange(0, config.HeadWidth, 2, ScalarType.Float32) / -config.HeadWidth);
        Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half), cos = angle.cos(), sin = angle.sin();
        return cat([a * cos - b * sin, b * cos + a * sin], -1);
    }
}
