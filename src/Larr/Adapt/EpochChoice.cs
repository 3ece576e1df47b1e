using Larr.Data;
using Larr.Stats;

namespace Larr.Adapt;

/// <summary>
/// After which epoch each domain is served, by validation rows alone and the same for every method. The number of epochs is one for all domains, the one with the
/// lowest log loss over their validation rows together: a single domain has too few of these to tell one epoch from the next. A domain whose own rows are not
/// predicted better than by the pre-trained model keeps that.
/// </summary>
/// <remarks>
/// The log loss rather than the AUC, because adapters overfit by growing too sure long before they order rows worse. Our own choice, made on validation rows of the simulated
/// city: for kernels, an epoch per domain by its own AUC, as the click model itself is chosen, raised the log loss there and not the AUC.
/// </remarks>
static class EpochChoice
{
    /// <summary>Epoch by domain value; 0: the pre-trained model.</summary>
    internal static IReadOnlyDictionary<string, int> Of(ImpressionTable table, IReadOnlyList<DomainCurve> curves)
    {
        double[][] losses = [.. curves.Select(c => Losses(table, c))];
        int epochs = losses.Length == 0 ? 0 : losses[0].Length, best = 0;
        double Pooled(int epoch) => curves.Zip(losses).Sum(c => c.First.Domain.Validation.Length * c.Second[epoch]);
        for (int epoch = 1; epoch < epochs; epoch++)
            if (Pooled(epoch) < Pooled(best)) best = epoch;
        return curves.Zip(losses).ToDictionary(c => c.First.Domain.Value, c => c.Second[best] < c.Second[0] ? best : 0);
    }

    /// <summary>Mean log loss of a domain's validation rows after each epoch.</summary>
    static double[] Losses(ImpressionTable table, DomainCurve curve)
    {
        byte[] clicks = Columns.Pick(table.Labels, curve.Domain.Validation);
        return [.. curve.Validation.Select(p => LogLoss.Compute(p.Click, clicks))];
    }
}
