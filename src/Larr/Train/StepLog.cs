using System.Diagnostics;
using System.Globalization;
using Larr.Runs;

namespace Larr.Train;

/// <summary>
/// Writes the curve (<see cref="CurveFile"/>: step, loss, lr, tokens_per_s; one line per logged step) and reports progress.
/// The loss of a line is the mean since the line before; the rate is of this process alone.
/// </summary>
public sealed class StepLog : IDisposable
{
    const string Header = "step,loss,lr,tokens_per_s";
    readonly StageContext context;
    readonly CurveFile curve;
    readonly long total;
    readonly int every;
    readonly Stopwatch clock = Stopwatch.StartNew();
    double lossSum;
    long steps, tokens, allTokens;
    TimeSpan lastLine;

    /// <summary>A log of <paramref name="total"/> steps, one line every <paramref name="every"/>; lines from <paramref name="firstStep"/> on of an interrupted run are dropped.</summary>
    public StepLog(StageContext context, long total, int every, long firstStep = 0)
    {
        (this.context, this.total, this.every) = (context, total, every);
        curve = new CurveFile(context, Header, firstStep);
    }

    /// <summary>Tokens (or examples) per second of all steps of this process so far.</summary>
    public double TokensPerSecond => allTokens / Math.Max(1e-9, clock.Elapsed.TotalSeconds);

    /// <summary>Notes a finished step.</summary>
    public void Step(long step, double loss, double learningRate, long stepTokens)
    {
        lossSum += loss;
        steps++;
        tokens += stepTokens;
        allTokens += stepTokens;
        if ((step + 1) % every != 0 && step + 1 != total) return;
        double rate = tokens / Math.Max(1e-9, (clock.Elapsed - lastLine).TotalSeconds), mean = lossSum / steps;
        curve.Add(string.Create(CultureInfo.InvariantCulture, $"{step},{mean:G6},{learningRate:G6},{rate:F0}"));
        context.Report(string.Create(CultureInfo.InvariantCulture, $"step {step + 1}/{total} loss {mean:F3} lr {learningRate:G3} {rate:F0} tokens/s"), (step + 1) / (double)total);
        (lossSum, steps, tokens, lastLine) = (0, 0, 0, clock.Elapsed);
    }

    /// <inheritdoc/>
    public void Dispose() => curve.Dispose();
}
