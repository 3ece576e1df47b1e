using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>One row per token id: [B,T] int64 → [B,T,d]. The number of rows can change.</summary>
public sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    internal Parameter weight; // [V,d]

    /// <summary>A table with uninitialised rows.</summary>
    public TokenEmbedding(int vocabularySize, int width) : base(nameof(TokenEmbedding))
    {
        weight = Weights.New(vocabularySize, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        Tensor flat = ids.flatten();
        Tensor rows = weight.IsForKernels() ? EmbeddingFunction.apply(weight, flat) : weight.index_select(0, flat);
        return rows.view([.. ids.shape, weight.size(1)]).MoveToOuterDisposeScope();
    }

    /// <summary>Drops rows at the end or adds rows that hold the mean of the present ones. Make optimizers afterwards.</summary>
    internal void Resize(int vocabularySize)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int kept = (int)Math.Min(vocabularySize, weight.size(0));
        Parameter resized = Weights.New(weight.device, vocabularySize, weight.size(1));
        resized.copy_(weight.mean([0], keepdim: true).expand_as(resized));
        resized.narrow(0, 0, kept).copy_(weight.narrow(0, 0, kept));
        weight.Dispose();
        weight = resized;
        ConditionallyRegisterParameter(nameof(weight), resized);
    }
}
