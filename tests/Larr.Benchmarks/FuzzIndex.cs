using System.Diagnostics;
using Larr.Tests.Index;

namespace Larr.Benchmarks;

/// <summary>Runs <see cref="IndexFuzz"/> in memory where the system has a folder for it, and counts.</summary>
static class FuzzIndex
{
    const string Memory = "/dev/shm";

    public static int Run(int inputs, int seed, TextWriter output, CheckResult result)
    {
        string root = Directory.Exists(Memory) ? Directory.CreateDirectory(Path.Combine(Memory, $"larr-fuzz-{Environment.ProcessId}")).FullName : Directory.CreateTempSubdirectory("larr-fuzz-").FullName;
        try
        {
            using var fuzz = new IndexFuzz(root, seed);
            output.WriteLine($"seed {seed}");
            var watch = Stopwatch.StartNew();
            FuzzCount all = fuzz.Run(inputs, done =>
            {
                if (done % 20_000 == 0) Console.Error.WriteLine($"{done:N0} inputs, {watch.Elapsed.TotalSeconds:F0} s, {fuzz.Faults.Count} faults");
            });
            foreach ((string kind, FuzzCount count) in fuzz.Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                output.WriteLine($"{kind}: {count}");
                result.Add(kind, Counts(count));
            }
            foreach (string fault in fuzz.Faults) output.WriteLine(fault);
            result.Add("damaged files", [.. Counts(all), ("ms_each", watch.Elapsed.TotalMilliseconds / inputs), ("processor_ms_each", Environment.CpuUsage.TotalTime.TotalMilliseconds / inputs)]);
            result.Write();
            output.WriteLine($"fuzz {inputs}, wrong {all.Wrong}");
            return all.Wrong == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    static (string, double)[] Counts(FuzzCount count) =>
        [("inputs", count.Inputs), ("refused", count.Refused), ("right", count.Right), ("read_as_another_index", count.Read), ("wrong", count.Wrong)];
}
