using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>What a backbone is given: M vectors of d values side by side, the item's first where the item is a feature.</summary>
/// <param name="Vectors">M: fields, one per behaviour, and the scene.</param>
/// <param name="Dimension">d.</param>
/// <param name="User">Position of the user's vector, or −1.</param>
/// <param name="Item">Position of the item's vector, or −1.</param>
public readonly record struct BackboneShape(int Vectors, int Dimension, int User = -1, int Item = 0)
{
    /// <summary>Number of values, M·d.</summary>
    public int Inputs => Vectors * Dimension;
}

/// <summary>The network between the embeddings and the heads. Its input is fixed by the row, so that it can be kept while the rest is adapted.</summary>
/// <remarks>B rows, M vectors, d embedding dimension, I = M·d, or I = M·d + 1 with the sum of the first-order weights last, L history length.</remarks>
public abstract class Backbone(string name) : nn.Module(name)
{
    /// <summary>Number of values given to the heads.</summary>
    public abstract int Outputs { get; }

    /// <summary>The hidden layers that adapters can change; null without any.</summary>
    public virtual Mlp? Hidden => null;

    /// <summary>How many of the outputs, from the first, are logits already: their weights in the heads start at one.</summary>
    public virtual int Logits => 0;

    /// <summary>Whether each feature value has a first-order weight beside its embedding.</summary>
    public virtual bool FirstOrder => false;

    /// <summary>
    /// x [B,I] → [B,outputs], hidden layers changed by <paramref name="adapter"/> where there is one. In training it may be bfloat16 with the padding of
    /// <see cref="TiledProduct"/>, for <see cref="HeadProduct"/>.
    /// </summary>
    public abstract Tensor Apply(Tensor x, HiddenAdapter? adapter);

    /// <summary>One vector [B,d] of a history [B,L,d]: its mean, unless the backbone knows better. An empty history gives zeros.</summary>
    /// <param name="target">Embedding of the item shown, [B,d].</param>
    /// <param name="history">Embeddings of earlier items, zero where there is none, [B,L,d].</param>
    /// <param name="mask">1 where there is an item, else 0, [B,L].</param>
    public virtual Tensor Pool(Tensor target, Tensor history, Tensor mask) => Mean(history, mask);

    /// <summary>The mean of the elements of a sequence, [B,L,d] → [B,d]; zeros where there is none.</summary>
    public static Tensor Mean(Tensor sequence, Tensor mask) => sequence.sum(1) / mask.sum(1, keepdim: true).clamp_min(1);

    /// <summary>Begins an epoch of training.</summary>
    public virtual void Restart(int epoch) { }

    /// <summary>The backbone that a configuration asks for.</summary>
    public static Backbone Create(CtrConfig config, BackboneShape shape, int seed) => config.Backbone switch
    {
        BackboneKind.Lr => new Lr(),
        BackboneKind.Fm => new Fm(shape),
        BackboneKind.Dnn => new Dnn(config, shape.Inputs, seed),
        BackboneKind.DeepFm => new DeepFm(config, shape, seed),
        BackboneKind.DcnV2 => new DcnV2(config, shape.Inputs, seed),
        BackboneKind.FinalMlp => new FinalMlp(config, shape, seed),
        BackboneKind.TargetAttention => new TargetAttention(config, shape.Inputs, seed),
        _ => new Din(config, shape.Inputs, seed),
    };
}
