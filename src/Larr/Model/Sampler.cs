using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Chooses the next token from logits: the best one, or one drawn from the likely ones.</summary>
public sealed class Sampler
{
    readonly double temperature, topP;
    readonly Random? random;

    Sampler(double temperature, double topP, Random? random) => (this.temperature, this.topP, this.random) = (temperature, topP, random);

    /// <summary>Always the token with the highest logit, the one with the smaller id of two.</summary>
    public static Sampler Greedy { get; } = new(1, 1, null);

    /// <summary>
    /// Draws from softmax(logits / temperature), cut to the fewest tokens whose probabilities reach <paramref name="topP"/>
    /// (nucleus sampling, arXiv 1904.09751).
    /// </summary>
    /// <param name="temperature">Above 0; below 1 is surer, above 1 more varied.</param>
    /// <param name="topP">Above 0, at most 1.</param>
    /// <param name="seed">The same seed draws the same tokens.</param>
    public static Sampler Nucleus(double temperature, double topP, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(topP);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topP, 1);
        return new(temperature, topP, new Random(seed));
    }

    /// <summary>The id chosen from logits [V] in float32 on the processor.</summary>
    public int Choose(Tensor logits) => Choose(MemoryMarshal.Cast<byte, float>(logits.contiguous().bytes));

    /// <summary>The id chosen from logits [V].</summary>
    public int Choose(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int id = 1; id < logits.Length; id++)
            if (logits[id] > logits[best]) best = id;
        if (random is null) return best;
        double top = logits[best], sum = 0;
        var chances = new double[logits.Length];
        for (int id = 0; id < chances.Length; id++) sum += chances[id] = Math.Exp((logits[id] - top) / temperature);
        // What is rarer than an even share of the rest cannot be among the likely ones, which saves sorting the whole vocabulary.
        double least = (1 - topP) * sum / Math.Max(1, chances.Length - 1);
        int[] order = [.. Enumerable.Range(0, chances.Length).Where(id => chances[id] >= least).OrderByDescending(id => chances[id])];
        double kept = 0;
        int count = 0;
        while (count < order.Length && kept < topP * sum) kept += chances[order[count++]];
        double draw = random.NextDouble() * kept;
        for (int i = 0; i < count; i++)
            if ((draw -= chances[order[i]]) < 0) return order[i];
        return order[count - 1];
    }
}
