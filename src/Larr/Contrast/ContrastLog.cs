using System.Diagnostics;
using System.Globalization;
using Larr.Runs;
using Larr.Train;

namespace Larr.Contrast;

/// <summary>
/// Writes the curve (<see cref="CurveFile"/>): step, loss, lr, tokens_per_s, and at that step the mean cosine of positives, of negatives, their difference, and the
/// uniformity of all texts (arXiv 2005.10242). The loss of a line is the mean since the line before. Says when the embedding collapses or nothing is learned.
/// </summary>
sealed class ContrastLog : IDisposable
{
    const double Collapsed = -0.02;
    const int MarginColumn = 6;
    const string Header = "step,loss,lr,tokens_per_s,mean_positive,mean_negative,margin,uniformity";
    readonly StageContext context;
    readonly CurveFile curve;
    readonly long total;
    readonly int every;
    readonly Stopwatch clock = Stopwatch.StartNew();
    double lossSum;
    long steps, tokens;
    double? firstMargin;
    readonly List<string> warnings = [];

    /// <summary>A log of <paramref name="total"/> steps; lines of an interrupted run from <paramref name="firstStep"/> on are dropped.</summary>
    public ContrastLog(StageContext context, long total, int every, long firstStep)
    {
        (this.context, this.total, this.every) = (context, total, every);
        curve = new CurveFile(context, Header, firstStep);
        if (curve.Kept is [var first, ..]) firstMargin = double.Parse(first.Split(',')[MarginColumn], CultureInfo.InvariantCulture);
    }

    /// <summary>Is a line written after this step?</summary>
    public bool IsDue(long step) => (step + 1) % every == 0 || step + 1 == total;

    /// <summary>Notes a finished step.</summary>
    public void Step(long step, double loss, double learningRate, long stepTokens, StepFigures figures)
    {
        (lossSum, steps, tokens) = (lossSum + loss, steps + 1, tokens + stepTokens);
        if (!IsDue(step)) return;
        (double positive, double negative, double uniformity) = figures;
        double mean = lossSum / steps, rate = tokens / Math.Max(1e-9, clock.Elapsed.TotalSeconds);
        curve.Add(string.Create(CultureInfo.InvariantCulture,
            $"{step},{mean:G6},{learningRate:G6},{rate:F0},{positive:F4},{negative:F4},{positive - negative:F4},{uniformity:F4}"));
        Examine(step, positive - negative, uniformity);
        context.Report(string.Create(CultureInfo.InvariantCulture,
            $"step {step + 1}/{total} loss {mean:F3} positive {positive:F3} negative {negative:F3} {rate:F0} tokens/s"), (step + 1) / (double)total);
        (lossSum, steps, tokens) = (0, 0, 0);
        clock.Restart();
    }

    /// <summary>What looked wrong, each said once.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    void Examine(long step, double margin, double uniformity)
    {
        if (uniformity > Collapsed) Warn("the embedding collapses: all texts of a batch lie on nearly one point; raise the temperature or lower the learning rate");
        // The first line has nothing to be compared with.
        if (2 * step > total && margin <= firstMargin) Warn("training does nothing: after half of the steps positives are no nearer than negatives were at first; look at the pairs");
        firstMargin ??= margin;
    }

    void Warn(string text)
    {
        if (warnings.Contains(text)) return;
        warnings.Add(text);
        context.Report($"warning: {text}");
    }

    /// <inheritdoc/>
    public void Dispose() => curve.Dispose();
}
