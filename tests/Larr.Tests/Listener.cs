using Larr.Runs;

namespace Larr.Tests;

/// <summary>Hears every progress report where it is made; <see cref="Progress{T}"/> would pass it on later.</summary>
sealed class Listener(Action<string> heard) : IProgress<StageProgress>
{
    /// <summary>Asks to stop as soon as a report begins with <paramref name="text"/>.</summary>
    public static Listener StoppingAt(string text, CancellationTokenSource stop) => new(heard =>
    {
        if (heard.StartsWith(text, StringComparison.Ordinal)) stop.Cancel();
    });

    public void Report(StageProgress value) => heard(value.Text);
}
