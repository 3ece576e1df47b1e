using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// First weights, all drawn from one generator in the order of the parameters (our own choice of scales):
/// <list type="table">
/// <listheader><term>weight</term><description>distribution</description></listheader>
/// <item><term>token embedding, free head</term><description>N(0, 0.02)</description></item>
/// <item><term>q, k, v, gate, up, projection of an encoder</term><description>N(0, 1/√inputs)</description></item>
/// <item><term>attention output, down</term><description>N(0, 1/√(inputs · 2 · layers)), so that the residual stream does not grow with depth (GPT-2)</description></item>
/// <item><term>norms</term><description>1</description></item>
/// <item><term>biases</term><description>0</description></item>
/// </list>
/// </summary>
static class Initialization
{
    public static void Apply(Decoder decoder, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        double depth = Math.Sqrt(2 * decoder.Config.Layers);
        Normal(decoder.embed.weight, 0.02, generator);
        foreach (DecoderLayer layer in decoder.layers)
        {
            layer.attentionNorm.weight.fill_(1);
            Linear(layer.attention.qkv, 1, generator);
            layer.attention.queryNorm?.weight.fill_(1);
            layer.attention.keyNorm?.weight.fill_(1);
            Linear(layer.attention.output, depth, generator);
            layer.feedForwardNorm.weight.fill_(1);
            Linear(layer.feedForward.gateUp, 1, generator);
            Linear(layer.feedForward.down, depth, generator);
        }
        decoder.norm.weight.fill_(1);
        if (decoder.head is not null) Normal(decoder.head.weight, 0.02, generator);
    }

    /// <summary>Weights of the projections of an encoder.</summary>
    public static void Apply(IEnumerable<Projection> projections, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        foreach (Projection projection in projections) Linear(projection, 1, generator);
    }

    static void Linear(Projection projection, double divisor, Generator generator)
    {
        Normal(projection.weight, 1 / (Math.Sqrt(projection.weight.size(1)) * divisor), generator);
        projection.bias?.fill_(0);
    }

    static void Normal(Parameter weight, double deviation, Generator generator) =>
        weight.copy_(randn(weight.shape, generator: generator) * deviation);
}
