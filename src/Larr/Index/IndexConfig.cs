using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Index;

/// <summary>How an index is kept.</summary>
public sealed record IndexConfig
{
    /// <summary>Generations that stay on disk, the live one among them, for rollback. Default: 3.</summary>
    public int KeepGenerations { get; init; } = 3;

    /// <summary>Unchanged texts that a refresh embeds again to see that the model still gives the vectors it gave. Default: 4; 0 for none.</summary>
    public int Canaries { get; init; } = 4;

    /// <summary>How vectors are stored. Default: float32, the embedder's own vectors.</summary>
    public VectorType Type { get; init; } = VectorType.Float32;

    /// <summary>Rows from which a segment gets an approximate index. Default: 50,000, which exact search reads in a few milliseconds.</summary>
    public int ApproximateFrom { get; init; } = 50_000;

    /// <summary>Share of the exact ten nearest rows that the approximate index is set to find. Default: 0.98.</summary>
    public double Recall { get; init; } = 0.98;

    /// <summary>Share below which a new generation does not go live. Default: 0.85, far enough below <see cref="Recall"/> that chance does not decide.</summary>
    public double MinRecall { get; init; } = 0.85;

    /// <summary>Share of dead rows from which a refresh writes a segment anew without them. Default: 0.25.</summary>
    public double CompactDead { get; init; } = 0.25;

    /// <summary>What keeps the index that <c>larr index refresh</c> keeps up to date. Default: a folder.</summary>
    public IndexBackend Backend { get; init; }

    /// <summary>Where the server is, for a backend other than the folder.</summary>
    public ServerConfig Server { get; init; } = new();

    /// <summary>Checks values that no type can.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    public void Validate()
    {
        var ranges = new SettingRanges("index");
        ranges.AtLeast(1, KeepGenerations, "keepGenerations");
        ranges.AtLeast(0, Canaries, "canaries");
        ranges.AtLeast(0, ApproximateFrom, "approximateFrom");
        ranges.Check(Recall is > 0 and <= 1, "recall", Recall, "above 0, at most 1");
        ranges.Share(MinRecall, "minRecall");
        ranges.Share(CompactDead, "compactDead");
    }
}
