using System.CommandLine;
using Larr.Runs;

namespace Larr.Cli;

/// <summary>
/// Progress on standard error: one line that is written over where a terminal is there, plain lines at most every two
/// seconds where not.
/// </summary>
sealed class ConsoleProgress(TextWriter output, bool terminal) : IProgress<StageProgress>
{
    static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);
    readonly Lock _gate = new();
    readonly System.Diagnostics.Stopwatch _clock = System.Diagnostics.Stopwatch.StartNew();
    TimeSpan _last = -s_between;
    string _lastStage = "";

    /// <summary>Progress on the error stream of a command.</summary>
    public static ConsoleProgress Of(InvocationConfiguration console) => new(console.Error, console.Error == Console.Error && !Console.IsErrorRedirected);

    public void Report(StageProgress value)
    {
        lock (_gate)
        {
            string text = value.Fraction is { } fraction ? $"{value.Text} ({100 * fraction:F0} %)" : value.Text;
            if (terminal)
            {
                output.Write("\r\u001b[K" + Cut(text));
                output.Flush();
                return;
            }
            bool newStage = value.Fraction is null && value.Text != _lastStage;
            if (!newStage && _clock.Elapsed - _last < s_between) return;
            if (newStage) _lastStage = value.Text;
            _last = _clock.Elapsed;
            output.WriteLine($"[{(int)_clock.Elapsed.TotalMinutes:00}:{_clock.Elapsed:ss}] {text}");
        }
    }

    /// <summary>Writes a line that stays, whatever progress follows.</summary>
    public void Warn(string text)
    {
        lock (_gate)
        {
            End();
            output.WriteLine(text);
        }
    }

    /// <summary>Leaves the progress line, so that what follows starts on a line of its own.</summary>
    public void End()
    {
        if (terminal) output.Write("\r\u001b[K");
    }

    static string Cut(string text)
    {
        int width = Math.Max(20, Console.WindowWidth - 1);
        return text.Length > width ? text[..width] : text;
    }
}
