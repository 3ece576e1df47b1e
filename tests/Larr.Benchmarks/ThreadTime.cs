using System.Runtime.InteropServices;

namespace Larr.Benchmarks;

/// <summary>Processor time of the calling thread: what a core gives, also where others share it, and without the compiler's own threads.</summary>
static partial class ThreadTime
{
    const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Seconds; those of the whole process where the system is not Linux.</summary>
    public static double Seconds()
    {
        if (!OperatingSystem.IsLinux()) return Environment.CpuUsage.TotalTime.TotalSeconds;
        _ = GetTime(ThreadClock, out Time time);
        return time.Seconds + time.Nanoseconds / 1e9;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
