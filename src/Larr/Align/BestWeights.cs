using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>A copy of the weights of a module and its embedding rows, to go back to.</summary>
/// <param name="module">The module.</param>
/// <param name="embeddings">The embedding rows trained beside it, if any.</param>
public sealed class BestWeights(nn.Module module, EmbeddingTable? embeddings = null) : IDisposable
{
    readonly Dictionary<string, Tensor> _tensors = [];
    float[]? _rows;

    /// <summary>Keeps the weights as they are now.</summary>
    public void Keep()
    {
        Dispose();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in module.state_dict()) _tensors[name] = tensor.detach().clone().DetachFromDisposeScope();
        if (embeddings is null) return;
        _rows ??= new float[embeddings.Weights.Length];
        embeddings.Weights.CopyTo(_rows, 0);
    }

    /// <summary>Puts the kept weights back; does nothing where none were kept.</summary>
    public void Restore()
    {
        if (_tensors.Count == 0) return;
        using var grad = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict()) tensor.copy_(_tensors[name]);
        _rows?.CopyTo(embeddings!.Weights, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
        _tensors.Clear();
    }
}
