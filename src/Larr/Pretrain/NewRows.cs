using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>The rows of newly added tokens, in the token embedding and in a free head: what may move while the rest of a table stays.</summary>
sealed class NewRows : IDisposable
{
    readonly Parameter[] tables;
    readonly Tensor others; // [V,1]: 0 for new rows, 1 for all others

    public NewRows(Decoder decoder, IEnumerable<int> ids)
    {
        tables = decoder.Config.TiedHead ? [decoder.EmbeddingWeight] : [decoder.EmbeddingWeight, decoder.HeadWeight];
        using var scope = NewDisposeScope();
        Tensor mask = ones(decoder.EmbeddingWeight.size(0), 1, device: decoder.EmbeddingWeight.device);
        foreach (int id in ids) mask[id] = 0;
        others = mask.to(ScalarType.Bool).DetachFromDisposeScope();
    }

    /// <summary>The tables.</summary>
    public IReadOnlyList<Parameter> Tables => tables;

    /// <summary>Sets the gradients of all other rows to zero.</summary>
    public void Mask()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (Parameter table in tables)
            if (table.grad is { } gradient) gradient.masked_fill_(others, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => others.Dispose();
}
