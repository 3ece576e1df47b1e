using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>The network between the embeddings and the heads. Its input is fixed by the row, so that it can be kept while the rest is adapted.</summary>
/// <remarks>B rows, d embedding dimension, L history length.</remarks>
public abstract class Backbone(string name) : nn.Module(name)
{
    /// <summary>Number of values given to the heads.</summary>
    public abstract int Outputs { get; }

    /// <summary>x [B,inputs] → [B,outputs], hidden layers passed through <paramref name="transform"/> where there is one.</summary>
    public abstract Tensor Apply(Tensor x, HiddenTransform? transform);

    /// <summary>One vector [B,d] of a history [B,L,d]: its mean, unless the backbone knows better. An empty history gives zeros.</summary>
    /// <param name="target">Embedding of the item shown, [B,d].</param>
    /// <param name="history">Embeddings of earlier items, zero where there is none, [B,L,d].</param>
    /// <param name="mask">1 where there is an item, else 0, [B,L].</param>
    public virtual Tensor Pool(Tensor target, Tensor history, Tensor mask) => history.sum(1) / mask.sum(1, keepdim: true).clamp_min(1);

    /// <summary>The backbone that a configuration asks for.</summary>
    public static Backbone Create(CtrConfig config, int inputs, int seed) => config.Backbone switch
    {
        BackboneKind.Dnn => new Dnn(config, inputs, seed),
        BackboneKind.DcnV2 => new DcnV2(config, inputs, seed),
        _ => new Din(config, inputs, seed),
    };
}
