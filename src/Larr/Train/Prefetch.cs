using System.Collections.Concurrent;

namespace Larr.Train;

/// <summary>Makes the next elements on another thread while the present one is used. Order and content stay the same.</summary>
public static class Prefetch
{
    /// <summary><paramref name="source"/>, at most <paramref name="ahead"/> elements ahead. Leaving the loop early stops the other thread.</summary>
    public static IEnumerable<T> Ahead<T>(IEnumerable<T> source, int ahead = 2)
    {
        using var stop = new CancellationTokenSource();
        using var ready = new BlockingCollection<T>(ahead);
        Task reader = Task.Run(() =>
        {
            try
            {
                foreach (T element in source) ready.Add(element, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The loop was left.
            }
            finally
            {
                ready.CompleteAdding();
            }
        });
        try
        {
            foreach (T element in ready.GetConsumingEnumerable()) yield return element;
        }
        finally
        {
            stop.Cancel();
            reader.GetAwaiter().GetResult();
        }
    }
}
