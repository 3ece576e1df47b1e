using System.Diagnostics;

namespace Larr.Benchmarks;

/// <summary>A process of this program that gets ready, works when told to, and may be killed (SIGKILL) while it does.</summary>
static class VictimProcess
{
    /// <summary>Runs a command of this program and kills it when it is <paramref name="due"/>, given the seconds since it was told to work; with null it runs to its end, and is timed.</summary>
    public static (double Seconds, bool Ended) Run(string[] command, Func<double, bool>? due)
    {
        using Process victim = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. OwnDll(), .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (victim.StandardOutput.ReadLine() != "ready") throw new InvalidOperationException("the process to be killed did not start");
        var watch = Stopwatch.StartNew();
        victim.StandardInput.WriteLine("go");
        if (due is not null)
        {
            while (!due(watch.Elapsed.TotalSeconds)) Thread.SpinWait(100);
            victim.Kill();
        }
        bool ended = victim.StandardOutput.ReadLine() == "done";
        double taken = watch.Elapsed.TotalSeconds;
        victim.WaitForExit();
        return (taken, ended);
    }

    /// <summary>The victim's side: says that it is ready, waits to be told, works, and says that it is done.</summary>
    public static void Work(Action work)
    {
        Console.WriteLine("ready");
        Console.ReadLine();
        work();
        Console.WriteLine("done");
    }

    static string[] OwnDll() => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(VictimProcess).Assembly.Location] : [];
}
