using System.Diagnostics;
using System.Globalization;
using Larr.Runs;

namespace Larr.Train;

/// <summary>
/// Writes <c>curve.csv</c> (step, loss, lr, tokens_per_s; one line per logged step) and reports progress.
/// The loss of a line is the mean since the line before; the rate is of this process alone.
/// </summary>
public sealed class StepLog : IDisposable
{
    /// <summary>Name of the file in the stage's folder.</summary>
    public const string FileName = "curve.csv";

    const string Header = "step,loss,lr,tokens_per_s";
    readonly StageContext context;
    readonly StreamWriter writer;
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
        string path = context.File(FileName);
        string[] kept = File.Exists(path)
            ? [.. File.ReadLines(path).Skip(1).Where(l => l.Split(',') is [var s, _, _, _] && long.TryParse(s, out long n) && n < firstStep)]
            : [];
        writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(Header);
        foreach (string line in kept) writer.WriteLine(line);
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
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step},{mean:G6},{learningRate:G6},{rate:F0}"));
        writer.Flush();
        context.Report(string.Create(CultureInfo.InvariantCulture, $"step {step + 1}/{total} loss {mean:F3} lr {learningRate:G3} {rate:F0} tokens/s"), (step + 1) / (double)total);
        (lossSum, steps, tokens, lastLine) = (0, 0, 0, clock.Elapsed);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
