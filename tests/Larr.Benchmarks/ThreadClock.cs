using System.Runtime.InteropServices;

namespace Larr.Benchmarks;

/// <summary>Processor time of the calling thread: blind to neighbours on the machine, and to other threads of the process.</summary>
static partial class ThreadClock
{
    const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    /// <summary>Microseconds; NaN where the system has no such clock.</summary>
    public static double Micros() => OperatingSystem.IsLinux() && Read(ThreadCpuTime, out Time time) == 0 ? time.Seconds * 1e6 + time.Nanoseconds / 1e3 : double.NaN;

    struct Time
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Read(int clock, out Time time);
}
