using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// A pre-norm bidirectional Transformer layer, split where its keys and values are known: the tokens of a scene are few and much repeated, so the first
/// layer's projections are computed once per value, and the last layer answers for one token alone.
/// </summary>
/// <remarks>S scenes, T tokens, w width.</remarks>
sealed class EncoderLayer : nn.Module
{
    readonly TorchSharp.Modules.LayerNorm norm1, norm2;
    readonly TorchSharp.Modules.Linear qkv, o, up, down;
    readonly int _heads;

    internal EncoderLayer(int width, int heads) : base(nameof(EncoderLayer))
    {
        _heads = heads;
        norm1 = nn.LayerNorm(width);
        qkv = nn.Linear(width, 3 * width);
        o = nn.Linear(width, width);
        norm2 = nn.LayerNorm(width);
        up = nn.Linear(width, 2 * width);
        down = nn.Linear(2 * width, width);
        RegisterComponents();
    }

    /// <summary>Queries, keys and values of tokens [..., w] → [..., 3w].</summary>
    internal Tensor Project(Tensor x) => qkv.forward(norm1.forward(x));

    /// <summary>Attention and feed-forward for the first <paramref name="answered"/> tokens: x [S,T,w], projected [S,T,3w] → [S,answered,w].</summary>
    internal Tensor Mix(Tensor x, Tensor projected, int answered)
    {
        using var scope = NewDisposeScope();
        x = x.narrow(1, 0, answered) + o.forward(SceneAttention.Apply(projected, _heads, answered)); // [S,answered,w]
        x = x + down.forward(nn.functional.gelu(up.forward(norm2.forward(x))));
        return x.MoveToOuterDisposeScope();
    }
}
