using System.Diagnostics;
using System.Globalization;
using Larr.Runs;
using Larr.Train;

namespace Larr.Contrast;

/// <summary>
/// Writes the curve (<see cref="CurveFile"/>): step, loss, lr, tokens_per_s, and the mean cosine of positives, of negatives, and their difference at that step.
/// The loss of a line is the mean since the line before.
/// </summary>
sealed class ContrastLog : IDisposable
{
    const string Header = "step,loss,lr,tokens_per_s,mean_positive,mean_negative,margin";
    readonly StageContext context;
    readonly CurveFile curve;
    readonly long total;
    readonly int every;
    readonly Stopwatch clock = Stopwatch.StartNew();
    double lossSum;
    long steps, tokens;

    /// <summary>A log of <paramref name="total"/> steps; lines of an interrupted run from <paramref name="firstStep"/> on are dropped.</summary>
    public ContrastLog(StageContext context, long total, int every, long firstStep)
    {
        (this.context, this.total, this.every) = (context, total, every);
        curve = new CurveFile(context, Header, firstStep);
    }

    /// <summary>Is a line written after this step?</summary>
    public bool IsDue(long step) => (step + 1) % every == 0 || step + 1 == total;

    /// <summary>Notes a finished step.</summary>
    public void Step(long step, double loss, double learningRate, long stepTokens, double positive, double negative)
    {
        (lossSum, steps, tokens) = (lossSum + loss, steps + 1, tokens + stepTokens);
        if (!IsDue(step)) return;
        double mean = lossSum / steps, rate = tokens / Math.Max(1e-9, clock.Elapsed.TotalSeconds);
        curve.Add(string.Create(CultureInfo.InvariantCulture,
            $"{step},{mean:G6},{learningRate:G6},{rate:F0},{positive:F4},{negative:F4},{positive - negative:F4}"));
        context.Report(string.Create(CultureInfo.InvariantCulture,
            $"step {step + 1}/{total} loss {mean:F3} positive {positive:F3} negative {negative:F3} {rate:F0} tokens/s"), (step + 1) / (double)total);
        (lossSum, steps, tokens) = (0, 0, 0);
        clock.Restart();
    }

    /// <inheritdoc/>
    public void Dispose() => curve.Dispose();
}
