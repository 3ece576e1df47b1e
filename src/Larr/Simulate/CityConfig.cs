using Larr.Runs;

namespace Larr.Simulate;

/// <summary>The simulated city. One number sets its size; the rest follows.</summary>
public sealed record CityConfig
{
    /// <summary>Number of impressions, 10⁴ to 10⁸. Default: 200,000.</summary>
    public int Impressions { get; init; } = 200_000;

    /// <summary>Number of users. Default: 2 · impressions^0.6, about 3,000 for 200,000 impressions.</summary>
    public int? Users { get; init; }

    /// <summary>Number of shops. Default: impressions^0.5, at least 120, about 450 for 200,000 impressions.</summary>
    public int? Shops { get; init; }

    /// <summary>Number of days, from late summer into winter. Default: 30.</summary>
    public int Days { get; init; } = 30;

    internal int UserCount => Users ?? (int)(2 * Math.Pow(Impressions, 0.6));

    internal int ShopCount => Shops ?? Math.Max(120, (int)Math.Sqrt(Impressions));

    internal void Check()
    {
        Need("impressions", Impressions, 1000);
        Need("users", UserCount, 10);
        Need("shops", ShopCount, 100);
        Need("days", Days, 10);

        static void Need(string key, int value, int least)
        {
            if (value < least) throw new InputException("experiment", "simulate." + key, $"{value}", $"{least} or more");
        }
    }
}
