using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

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
        Tensor q = Heads(query.forward(target).unsqueeze(1)), k = Heads(key.forward(history)), v = Heads(value.forward(history)); // [B,h,1,d/h], [B,h,L,d/h] twice
        Tensor scores = q.matmul(k.transpose(2, 3)) / Math.Sqrt(q.size(3)) + (mask - 1).mul(1e9).view(mask.size(0), 1, 1, -1); // [B,h,1,L]
        Tensor weights = scores.softmax(-1) * mask.view(mask.size(0), 1, 1, -1); // an empty history: zeros
        return weights.matmul(v).reshape(target.size(0), -1).MoveToOuterDisposeScope(); // [B,d]
    }

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, HiddenAdapter? adapter) => mlp.Apply(x, adapter, padded: true);

    Tensor Heads(Tensor x) => x.view(x.size(0), x.size(1), _heads, -1).transpose(1, 2);
}
