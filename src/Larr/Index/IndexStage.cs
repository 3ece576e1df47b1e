using System.Diagnostics;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>What the index stage built.</summary>
/// <param name="Generation">The live generation.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Identity">What its vectors were made with.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Seconds">Time taken to write and verify it.</param>
/// <param name="Neighbours">For the most popular value of each field, the nearest other values of that field.</param>
public sealed record IndexReport(
    int Generation, int Rows, VectorIdentity Identity, long Bytes, double Seconds, IReadOnlyDictionary<string, IReadOnlyList<Neighbour>> Neighbours);

/// <summary>Builds the first generation of an index, in the folder <c>index</c>, from the vectors of the embed stage.</summary>
public static class IndexStage
{
    /// <summary>Changes when the same inputs would give another result.</summary>
    public const int Version = 3;

    const int NeighboursShown = 5;

    /// <summary>Builds, verifies and publishes.</summary>
    /// <param name="config">How the index is kept.</param>
    /// <param name="embedFolder">The embed stage's folder, with <c>vectors.parquet</c>.</param>
    /// <param name="context">Where to write.</param>
    public static IndexReport Run(IndexConfig config, string embedFolder, StageContext context)
    {
        var watch = Stopwatch.StartNew();
        VectorFile file = VectorFile.Read(Path.Combine(embedFolder, "vectors.parquet"));
        context.Report($"indexing {file.Rows.Count:N0} vectors of {file.Identity.Dimension}");

        var vectorOf = file.Rows.Zip(file.Vectors).GroupBy(p => p.First.Text).ToDictionary(g => g.Key, g => g.First().Second);
        var folder = new IndexFolder(context.File("index"));
        IndexRefresh.Run(config, folder, file.Identity, file.Rows, texts => [.. texts.Select(t => vectorOf[t])]);

        using Generation live = folder.OpenLive(file.Identity);
        var report = new IndexReport(live.Number, live.Count, file.Identity, IndexStatistics.Of(folder).Bytes, watch.Elapsed.TotalSeconds, Shown(live));
        context.WriteReport(report);
        context.Report($"generation {live.Number} is live: {live.Count:N0} rows", 1);
        return report;
    }

    static Dictionary<string, IReadOnlyList<Neighbour>> Shown(Generation live)
    {
        var shown = new Dictionary<string, IReadOnlyList<Neighbour>>();
        foreach (FieldCount field in live.Header.Fields)
        {
            int popular = live.Rows(field.Name).MaxBy(live.Popularity);
            shown[$"{field.Name}={live.Value(popular)}"] = Index.Neighbours.OfValue(live, field.Name, live.Value(popular), NeighboursShown, field.Name);
        }
        return shown;
    }
}
