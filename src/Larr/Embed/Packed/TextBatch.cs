using System.Collections.Concurrent;

namespace Larr.Embed.Packed;

/// <summary>Texts that are computed together.</summary>
/// <param name="Forest">Their tokens.</param>
/// <param name="Texts">Index of each text among all.</param>
sealed record TextBatch(TokenForest Forest, int[] Texts);

/// <summary>
/// Turns distinct texts into batches on a thread of its own, a window of texts at a time: tokenised, cut, sorted, so that shared beginnings
/// meet, and laid end to end up to a budget of tokens. Waits when the batches are not taken.
/// </summary>
/// <param name="count">Number of texts.</param>
/// <param name="encode">The tokens of a text, cut if it is too long; called on the thread that makes the batches.</param>
/// <param name="shares">Whether beginnings that texts share are computed once.</param>
sealed class TextBatches(int count, Func<int, int[]> encode, bool shares = true)
{
    /// <summary>Texts that are sorted together. More share more and start later.</summary>
    const int Window = 8192;

    /// <summary>Fewer tokens than this are not worth a batch of their own to keep a thread busy.</summary>
    const int SmallBatch = 64;

    readonly int[] _lengths = new int[count];
    readonly int[] _same = [.. Enumerable.Range(0, count)];

    /// <summary>Tokens of each text.</summary>
    public ReadOnlySpan<int> Lengths => _lengths;

    /// <summary>For each text the one that is computed for it: itself, or another with the same tokens.</summary>
    public ReadOnlySpan<int> Same => _same;

    /// <summary>Tokens of all texts.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens that are computed.</summary>
    public long Rows { get; private set; }

    /// <summary>The batches, made on another thread as they are taken.</summary>
    /// <param name="batchTokens">Most tokens of a batch of more than one text.</param>
    /// <param name="workers">Threads that take batches; a small input is shared out among them.</param>
    /// <param name="cancel">Stops.</param>
    public IEnumerable<TextBatch> Take(int batchTokens, int workers, CancellationToken cancel)
    {
        using var queue = new BlockingCollection<TextBatch>(2 * workers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task making = Task.Run(() =>
        {
            try
            {
                foreach (TextBatch batch in Make(batchTokens, workers)) queue.Add(batch, stop.Token);
            }
            finally
            {
                queue.CompleteAdding();
            }
        }, CancellationToken.None);
        try
        {
            foreach (TextBatch batch in queue.GetConsumingEnumerable(cancel)) yield return batch;
            making.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)making).AsyncWaitHandle.WaitOne();
        }
    }

    IEnumerable<TextBatch> Make(int batchTokens, int workers)
    {
        for (int first = 0; first < count; first += Window)
        {
            int window = Math.Min(Window, count - first);
            int[][] tokens = [.. Enumerable.Range(first, window).Select(Encode)];
            int[] order = [.. Enumerable.Range(0, window)];
            Array.Sort(order, (a, b) => Compare(tokens[a], tokens[b]) is var c and not 0 ? c : a - b);
            int budget = Math.Min(batchTokens, Math.Max(SmallBatch, (DistinctRows(order, tokens) + workers - 1) / workers));
            var (forest, members) = (new TokenForest(shares), new List<int>());
            int[]? before = null;
            int beforeText = 0;
            foreach (int i in order)
            {
                if (before is not null && before.AsSpan().SequenceEqual(tokens[i]))
                {
                    _same[first + i] = beforeText;
                    continue;
                }
                if (forest.Texts > 0 && forest.Rows + forest.RowsFor(tokens[i]) > budget)
                {
                    yield return Finished(forest, members);
                    (forest, members) = (new TokenForest(shares), []);
                }
                forest.Add(tokens[i]);
                members.Add(first + i);
                (before, beforeText) = (tokens[i], first + i);
            }
            yield return Finished(forest, members);
        }
    }

    TextBatch Finished(TokenForest forest, List<int> members)
    {
        Rows += forest.Rows;
        return new TextBatch(forest, [.. members]);
    }

    int[] Encode(int text)
    {
        int[] tokens = encode(text);
        _lengths[text] = tokens.Length;
        Tokens += tokens.Length;
        return tokens;
    }

    static int DistinctRows(int[] order, int[][] tokens)
    {
        int rows = tokens[order[0]].Length;
        for (int i = 1; i < order.Length; i++) rows += tokens[order[i]].Length - tokens[order[i]].AsSpan().CommonPrefixLength(tokens[order[i - 1]]);
        return rows;
    }

    static int Compare(int[] a, int[] b) => a.AsSpan().SequenceCompareTo(b);
}
