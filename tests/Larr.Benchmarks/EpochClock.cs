using System.Diagnostics;
using Larr.Runs;

namespace Larr.Benchmarks;

/// <summary>
/// Times the epochs of a training that tells of each: seconds of the clock, and of the process on all processors, which is blind to neighbours on the
/// machine. The first epoch warms up, where there are others.
/// </summary>
sealed class EpochClock : IProgress<StageProgress>
{
    readonly List<(double Wall, double Cpu)> _epochs = [];
    long _start = Stopwatch.GetTimestamp();
    double _cpu = Cpu();

    public void Report(StageProgress value)
    {
        double cpu = Cpu();
        _epochs.Add((Stopwatch.GetElapsedTime(_start).TotalSeconds, cpu - _cpu));
        (_start, _cpu) = (Stopwatch.GetTimestamp(), cpu);
    }

    /// <summary>Seconds of one epoch: the median, each figure by itself.</summary>
    internal (double Wall, double Cpu) Epoch()
    {
        (double Wall, double Cpu)[] warm = [.. _epochs.Skip(_epochs.Count > 1 ? 1 : 0)];
        return (Median(warm.Select(e => e.Wall)), Median(warm.Select(e => e.Cpu)));
    }

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    static double Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
