using System.Diagnostics;
using Larr.Runs;

namespace Larr.Simulate;

/// <summary>
/// Simulates a city and writes its catalogue (<c>shops-*.parquet</c>, <c>users-*.parquet</c>), its logs
/// (<c>impressions-*.parquet</c>, <c>orders-*.parquet</c>, <c>searches-*.parquet</c>) and <c>report.json</c>.
/// </summary>
public static class SimulateStage
{
    /// <summary>Changes when the same input would give another city.</summary>
    public const int Version = 1;

    /// <summary>Runs the stage; the same seed gives the same rows.</summary>
    /// <exception cref="InputException">A size of the city is out of range.</exception>
    public static SimulateReport Run(CityConfig config, StageContext context)
    {
        var watch = Stopwatch.StartNew();
        config.Check();
        var simulator = new CitySimulator(config, context.Seed);
        CityWriter.Catalogue(context.Folder, simulator.City);

        using var writer = new CityWriter(context.Folder);
        HistogramAuc best = new(0, 1), bestLast = new(0, 1), withoutScene = new(-16, 16);
        var phrases = new HashSet<string>();
        long clicks = 0, orders = 0, searches = 0;
        int requests = 0;
        foreach (Request request in simulator.Requests())
        {
            writer.Add(request);
            requests++;
            if (request.Situation.Scene.Search != SearchPhrases.None)
            {
                searches++;
                phrases.Add(request.Situation.Scene.Search);
            }
            foreach (Exposure exposure in request.Exposures)
            {
                best.Add(exposure.Probability, exposure.Clicked);
                if (request.Day >= 0.8f) bestLast.Add(exposure.Probability, exposure.Clicked);
                withoutScene.Add(exposure.WithoutScene, exposure.Clicked);
                if (exposure.Clicked) clicks++;
                if (exposure.Ordered) orders++;
            }
            if (requests % 8192 != 0) continue;
            context.Cancel.ThrowIfCancellationRequested();
            context.Report($"{(long)requests * Request.Size:N0} impressions", (double)requests * Request.Size / config.Impressions);
        }
        writer.Finish();

        var report = new SimulateReport(
            config.Impressions,
            requests,
            config.UserCount,
            config.ShopCount,
            simulator.City.Shops.Count(s => s.Opens > 0),
            clicks,
            (double)clicks / config.Impressions,
            orders,
            searches,
            phrases.Count,
            best.Value(),
            bestLast.Value(),
            withoutScene.Value(),
            watch.Elapsed.TotalSeconds);
        context.WriteReport(report);
        return report;
    }
}
