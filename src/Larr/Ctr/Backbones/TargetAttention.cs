using Larr.Ctr.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Backbones;

/// <summary>
/// Target attention over long behaviour: the exact search unit of SIM (arXiv 2006.05639), scaled inner products of the item shown with each item of the
/// history, in heads, normalised by softmax. Unlike <see cref="Din"/> it needs no [B,L,4d] tensor, so that histories of hundreds of items fit.
/// </summary>
/// <remarks>B rows, L history length, d embedding dimension, h heads.</remarks>
public sealed class TargetAttention : Backbone
{
    readonly Linear query, key, value;
    readonly Mlp mlp;
    readonly int _heads;

    /// <summary>Attention and hidden layers on <paramref name="inputs"/> values.</summary>
    public TargetAttention(CtrConfig config, int inputs, int seed) : base(nameof(TargetAttention))
    {
        int d = config.EmbeddingDimension;
        _heads = config.AttentionHeads;
        if (_heads < 1 || d % _heads != 0) throw new Runs.InputException("experiment", "ctr.attentionHeads", $"{_heads}", $"a divisor of the embedding dimension {d}");
        query = nn.Linear(d, d, hasBias: false);
        key = nn.Linear(d, d, hasBias: false);
        value = nn.Linear(d, d, hasBias: false);
        mlp = new Mlp(config, inputs, seed);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Mlp? Hidden => mlp;

    /// <inheritdoc/>
    public override int Outputs => mlp.Outputs;

    /// <inheritdoc/>
    public override void Restart(int epoch) => mlp.Restart(epoch);

    /// <inheritdoc/>
    public override Tensor Pool(Tensor target, Tensor history, Tensor mask)
    {
        using var scope = NewDisposeScope();
        long rows = target.size(0), d = target.size(1);
        // q·(K x) = (Kᵀ q)·x, and a mean of V x is V times the mean of x: no item of a history is mapped by itself.
        Tensor seek = Heads(query).transpose(1, 2).matmul(Heads(key)) / Math.Sqrt(d / _heads); // [h,d,d]
        Tensor queries = target.matmul(seek.transpose(0, 1).reshape(d, -1)).view(rows, _heads, d); // [B,h,d]
        Tensor means = TargetPooling.Apply(queries, history, mask); // [B,h,d]
        Tensor values = means.transpose(0, 1).matmul(Heads(value).transpose(1, 2)); // [h,B,d/h]
        return values.transpose(0, 1).reshape(rows, d).MoveToOuterDisposeScope(); // [B,d]
    }

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => mlp.Apply(x, adapter, padded: true);

    // [h,d/h,d]
    Tensor Heads(Linear layer) => layer.weight!.view(_heads, -1, layer.weight.size(1));
}
