using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// The small collaborative model that a scene is aligned to: one tower joins user and scene, the other is the item's embedding; their inner
/// product is the logit of a click. It knows nothing else, so the item embeddings become collaborative signals of what is clicked, by whom and when.
/// Our choice; the paper aligns to the embeddings of its ranking model.
/// </summary>
/// <remarks>B rows, S distinct scenes, d collaborative dimension.</remarks>
sealed class TwoTower : nn.Module
{
    internal readonly SceneAggregator scene;
    readonly Linear join, tower;
    readonly Linear? signal;
    readonly CollaborativeSignal _kind;
    readonly Parameter bias;

    internal TwoTower(AlignConfig config, SceneVectors vectors, int d, int seed) : base(nameof(TwoTower))
    {
        using var generator = new Generator((ulong)seed);
        scene = SceneAggregator.Create(config, vectors, d, generator)!;
        join = nn.Linear(2 * d, 2 * d);
        tower = nn.Linear(2 * d, d);
        _kind = config.Signal;
        if (_kind == CollaborativeSignal.UserAndItem) signal = nn.Linear(2 * d, d);
        bias = new Parameter(zeros(1).DetachFromDisposeScope());
        RegisterComponents();
        Initial.Fill(join, generator);
        Initial.Fill(tower, generator);
        if (signal is not null) Initial.Fill(signal, generator);
    }

    /// <summary>Logits [B] of items [B,d] for users [B,d] in scenes [B,d].</summary>
    internal Tensor Logits(Tensor users, Tensor items, Tensor scenes)
    {
        using var scope = NewDisposeScope();
        Tensor context = tower.forward(join.forward(cat([users, scenes], 1)).relu()); // [B,d]
        return ((context * items).sum(1) + bias).MoveToOuterDisposeScope();
    }

    /// <summary>What the scenes are aligned to, [B,d].</summary>
    internal Tensor Signal(Tensor users, Tensor items) => _kind switch
    {
        CollaborativeSignal.Item => items,
        CollaborativeSignal.User => users,
        _ => signal!.forward(cat([users, items], 1)),
    };
}
