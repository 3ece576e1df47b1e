using Larr.Train;

namespace Larr.Adapt;

/// <summary>Batches of one domain's rows each. A small domain has smaller ones, so that it still gets its steps; those of several domains come in mixed order.</summary>
sealed class DomainBatches(AdaptConfig config, IReadOnlyList<DomainRows> domains, int seed)
{
    const int Least = 64;

    readonly Batches[] _batches =
    [
        .. domains.Select(d => new Batches(
            [.. Enumerable.Range(0, d.Rows.Length)],
            Math.Clamp(d.Rows.Length / config.StepsPerEpoch, Math.Min(Least, config.BatchSize), config.BatchSize), seed)),
    ];

    /// <summary>The batches of an epoch: a domain, and positions of its rows.</summary>
    internal (DomainRows Domain, int[] Rows)[] Epoch(int epoch)
    {
        (DomainRows, int[])[] steps = [.. domains.Zip(_batches).SelectMany(d => d.Second.Epoch(epoch).Select(rows => (d.First, rows.ToArray())))];
        if (domains.Count > 1) new Random(unchecked(seed * 31 + epoch)).Shuffle(steps);
        return steps;
    }
}
