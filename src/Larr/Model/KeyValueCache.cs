using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// Keys and values of the tokens read so far, so that each further token is computed alone. Room for all is taken at the first token of
/// each layer. Shapes: B batch, K key/value heads, T new tokens, S tokens with those before, d head width.
/// </summary>
/// <param name="capacity">Most tokens.</param>
public sealed class KeyValueCache(int capacity) : IDisposable
{
    readonly Dictionary<Attention, (Tensor Keys, Tensor Values)> layers = []; // each [B,K,capacity,d]

    /// <summary>Most tokens.</summary>
    public int Capacity => capacity;

    /// <summary>Tokens read so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds keys and values [B,K,T,d] of the new tokens; those of all tokens [B,K,S,d], as views.</summary>
    internal (Tensor Keys, Tensor Values) Append(Attention layer, Tensor keys, Tensor values)
    {
        if (!layers.TryGetValue(layer, out (Tensor Keys, Tensor Values) kept)) layers[layer] = kept = (Room(keys), Room(values));
        long count = keys.size(2);
        kept.Keys.narrow(2, Length, count).copy_(keys);
        kept.Values.narrow(2, Length, count).copy_(values);
        return (kept.Keys.narrow(2, 0, Length + count), kept.Values.narrow(2, 0, Length + count));
    }

    /// <summary>Counts tokens that every layer has added.</summary>
    internal void Advance(int count) => Length += count;

    Tensor Room(Tensor like) =>
        empty([like.size(0), like.size(1), capacity, like.size(3)], like.dtype, like.device).DetachFromDisposeScope();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor keys, Tensor values) in layers.Values)
        {
            keys.Dispose();
            values.Dispose();
        }
        layers.Clear();
    }
}
