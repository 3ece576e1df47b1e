using Larr.Report;
using Larr.Stats;

namespace Larr.Experiments;

/// <summary>Rows of a result table from values per unit (seed or fold): means, 95 % intervals, and paired tests against the baseline with Holm's correction over the table's rows.</summary>
static class PairedRows
{
    /// <summary>Name after name, each with those of the metrics that it has.</summary>
    /// <param name="names">Names of the rows.</param>
    /// <param name="metrics">Metrics in the order of the table.</param>
    /// <param name="values">Values of a row and metric, one per unit in the same order for all; empty where there is none.</param>
    /// <param name="baseline">Name of the row that others are tested against; absent, nothing is tested.</param>
    /// <param name="seeds">Seeds that were run.</param>
    public static IReadOnlyList<ResultRow> Of(
        IReadOnlyList<string> names, IReadOnlyList<string> metrics, Func<string, string, double[]> values, string baseline, IReadOnlyList<int> seeds)
    {
        List<ResultRow> rows = [];
        foreach (string metric in metrics)
        {
            Dictionary<string, double[]> units = names.Select(name => (name, Values: values(name, metric))).Where(u => u.Values.Length > 0).ToDictionary(u => u.name, u => u.Values);
            double[]? reference = units.GetValueOrDefault(baseline);
            string[] others = [.. units.Keys.Where(n => n != baseline)];
            double[] p = reference is null ? [] : Holm.Correct([.. others.Select(n => PairedTest.PValue(units[n], reference))]);
            foreach ((string name, double[] own) in units)
            {
                ResultRow row = ResultRow.Of(name, metric, Interval.OfMean(own), seeds);
                int other = Array.IndexOf(others, name);
                rows.Add(reference is null || other < 0 ? row : row with
                {
                    P = double.IsNaN(p[other]) ? null : p[other],
                    RelaImpr = metric == "auc" && reference.Average() > .5 ? RelaImpr.Compute(row.Mean, reference.Average()) : null,
                });
            }
        }
        return [.. rows.OrderBy(r => names.TakeWhile(n => n != r.Name).Count())];
    }
}
