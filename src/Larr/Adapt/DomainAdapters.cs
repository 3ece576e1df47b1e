using Larr.Ctr.Layers;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>
/// New adapters, equal to no change at all. Where a method leaves its size open, it gets the size at which it has as many trained values per domain as IAK's kernels.
/// </summary>
static class DomainAdapters
{
    /// <summary>An adapter of the last hidden layers; of one domain, or with <see cref="AdaptMethod.PepNetGate"/> of all.</summary>
    /// <param name="config">Method, layers, and the kernels' sizes.</param>
    /// <param name="hidden">The hidden layers.</param>
    /// <param name="domains">Number of domains.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    internal static HiddenAdapter Create(AdaptConfig config, Mlp hidden, int domains, int seed)
    {
        IReadOnlyList<int> widths = hidden.Widths;
        int first = Math.Max(0, widths.Count - 1 - config.Layers);
        using var generator = new Generator((ulong)seed);
        return new HiddenAdapter(first, [.. Enumerable.Range(first, widths.Count - 1 - first).Select(l => Layer(config, widths[l], widths[l + 1], domains, seed, generator))]);
    }

    static LayerAdapter Layer(AdaptConfig config, int inputs, int hidden, int domains, int seed, Generator generator) => config.Method switch
    {
        AdaptMethod.DomainBias => new DomainBias(hidden),
        AdaptMethod.Lora => new LoraAdapter(inputs, hidden, Nearest(KernelValues(config, hidden), inputs + hidden), generator),
        AdaptMethod.BottleneckAdapter => new BottleneckAdapter(hidden, Nearest(KernelValues(config, hidden) - hidden, 2 * hidden + 1), generator),
        AdaptMethod.Star => new StarAdapter(inputs, hidden),
        AdaptMethod.PepNetGate => new PepNetGate(hidden, domains, config.Bottleneck,
            Nearest(domains * (KernelValues(config, hidden) - config.Bottleneck) - hidden, config.Bottleneck + 2 * hidden + 1), generator),
        AdaptMethod.Iak => new IakKernel(config, hidden, seed),
        _ => throw new ArgumentOutOfRangeException(nameof(config), config.Method, "a method without adapters"),
    };

    /// <summary>Trained values of one kernel: both layers of its encoder and of its decoder.</summary>
    internal static int KernelValues(AdaptConfig config, int hidden) =>
        Values(hidden, config.Width, 2 * config.Bottleneck) + Values(config.Bottleneck, config.Width, hidden);

    static int Values(int inputs, int width, int outputs) => width * (inputs + 1) + outputs * (width + 1);

    /// <summary>How many times <paramref name="each"/> comes nearest to <paramref name="values"/>, once at least.</summary>
    static int Nearest(int values, int each) => Math.Max(1, (int)Math.Round((double)values / each));
}
