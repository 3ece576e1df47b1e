using Larr.Align;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>A copy of all weights of a click model, to go back to.</summary>
public sealed class CtrWeights : IDisposable
{
    readonly Dictionary<string, Tensor> _tensors;
    readonly float[] _embeddings;

    /// <summary>Copies the weights that <paramref name="model"/> has now.</summary>
    public CtrWeights(CtrModel model)
    {
        using var grad = no_grad();
        _tensors = model.state_dict().ToDictionary(e => e.Key, e => e.Value.detach().clone().DetachFromDisposeScope());
        _embeddings = [.. model.Embeddings.Weights];
    }

    /// <summary>Puts the copy back into <paramref name="model"/>.</summary>
    public void Restore(CtrModel model)
    {
        using var grad = no_grad();
        foreach ((string name, Tensor tensor) in model.state_dict()) tensor.copy_(_tensors[name]);
        _embeddings.CopyTo(model.Embeddings.Weights, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
    }
}
