using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Larr.Stats;

namespace Larr.Benchmarks;

/// <summary>
/// Random predictions and what LARR's metrics say of them, as files that another implementation can read: <c>N.csv</c> (label, probability, group)
/// and <c>N.json</c>. <c>scripts/check-metrics</c> compares them with scikit-learn.
/// </summary>
static class MetricSamples
{
    public static Command Command()
    {
        var folder = new Argument<string>("folder") { Description = "Where to write." };
        var command = new Command("metrics", "Writes predictions with their metrics, for scripts/check-metrics.") { Arguments = { folder } };
        command.SetAction(parsed =>
        {
            foreach (int rows in new[] { 50, 1000, 20_000 }) Write(parsed.GetRequiredValue(folder), rows);
        });
        return command;
    }

    static void Write(string folder, int rows)
    {
        var random = new Random(rows);
        float[] probabilities = new float[rows];
        byte[] labels = new byte[rows];
        int[] groups = new int[rows];
        for (int r = 0; r < rows; r++)
        {
            // Half of them on a coarse grid, so that there are ties.
            probabilities[r] = random.Next(2) == 0 ? random.Next(1, 20) / 20f : .001f + .998f * random.NextSingle();
            labels[r] = random.NextDouble() < probabilities[r] * .8 ? (byte)1 : (byte)0;
            groups[r] = random.Next(1 + rows / 8);
        }
        File.WriteAllLines(Path.Combine(folder, $"{rows}.csv"), Enumerable.Range(0, rows).Select(r => string.Create(CultureInfo.InvariantCulture, $"{labels[r]},{probabilities[r]:R},{groups[r]}")));
        var streaming = new StreamingAuc();
        streaming.Add(probabilities, labels);
        Calibration calibration = Calibration.Of(probabilities, labels);
        File.WriteAllText(Path.Combine(folder, $"{rows}.json"), JsonSerializer.Serialize(new Dictionary<string, double>
        {
            ["auc"] = Auc.Compute(probabilities, labels),
            ["streaming_auc"] = streaming.Compute(),
            ["log_loss"] = LogLoss.Compute(probabilities, labels),
            ["gauc"] = GroupAuc.Compute(probabilities, labels, groups),
            ["ndcg"] = GroupNdcg.Compute(probabilities, labels, groups, 10),
            ["ece"] = calibration.Ece,
            ["ratio"] = calibration.Ratio!.Value,
        }));
    }
}
