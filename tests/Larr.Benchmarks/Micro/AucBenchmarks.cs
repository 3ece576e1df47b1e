using BenchmarkDotNet.Attributes;
using Larr.Stats;

namespace Larr.Benchmarks;

/// <summary>Exact AUC and GAUC: what every epoch of a click model pays for its validation.</summary>
public class AucBenchmarks
{
    readonly float[] _scores = new float[1_000_000];
    readonly byte[] _labels = new byte[1_000_000];
    readonly int[] _groups = new int[1_000_000];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        for (int i = 0; i < _scores.Length; i++)
            (_scores[i], _labels[i], _groups[i]) = (random.NextSingle(), (byte)random.Next(2), i / 5);
    }

    [Benchmark]
    public double Auc() => Stats.Auc.Compute(_scores, _labels);

    [Benchmark]
    public double GroupedAuc() => GroupAuc.Compute(_scores, _labels, _groups);
}
