using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Continues a text token by token; the prompt is computed once and every further token alone (<see cref="KeyValueCache"/>).</summary>
public static class Continuation
{
    /// <summary>The tokens that follow a prompt, each as soon as it is chosen.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="most">Most tokens; with the prompt no more than the model reads.</param>
    /// <param name="sampler">How a token is chosen.</param>
    /// <param name="ends">Tokens that end the text; they are not part of it.</param>
    /// <param name="cancel">Stops between tokens.</param>
    public static IEnumerable<int> Of(
        Decoder decoder, IReadOnlyList<int> prompt, int most, Sampler sampler, IReadOnlySet<int> ends, CancellationToken cancel = default)
    {
        if (prompt.Count == 0) throw new ArgumentException("an empty prompt; a model goes on from at least one token", nameof(prompt));
        int capacity = prompt.Count + most;
        if (capacity > decoder.Config.MaxLength) throw new ArgumentException($"{prompt.Count} + {most} tokens; the model reads at most {decoder.Config.MaxLength}", nameof(most));
        using var cache = new KeyValueCache(capacity);
        IReadOnlyList<int> read = prompt;
        for (int made = 0; made < most; made++)
        {
            cancel.ThrowIfCancellationRequested();
            int next = Next(decoder, read, sampler, cache);
            if (ends.Contains(next)) yield break;
            yield return next;
            read = [next];
        }
    }

    static int Next(Decoder decoder, IReadOnlyList<int> read, Sampler sampler, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor ids = tensor(read.Select(id => (long)id).ToArray(), [1, read.Count], device: decoder.EmbeddingWeight.device);
        Tensor last = decoder.Hidden(ids, cache: cache)[0, -1]; // [D]
        return sampler.Choose(decoder.Logits(last).cpu());
    }
}
