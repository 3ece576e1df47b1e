namespace Larr.Train;

/// <summary>
/// Row indices in batches of nearly equal size, shuffled anew in each epoch. Only indices move here: a batch's columns are
/// gathered from the memory-mapped table when it is used.
/// </summary>
/// <param name="rows">The rows to visit once per epoch.</param>
/// <param name="size">The greatest batch size. Sizes differ by one at most, so that no tiny last batch upsets the statistics.</param>
/// <param name="seed">With the epoch's number it decides the order.</param>
/// <param name="requests">Number of each row's request, if rows of one request are to stay side by side; whole requests are shuffled then. Null: rows are.</param>
public sealed class Batches(int[] rows, int size, int seed, int[]? requests = null)
{
    readonly int[] _order = [.. rows];
    readonly int[][]? _requests = requests is null ? null : [.. rows.Zip(requests).GroupBy(r => r.Second, r => r.First).Select(r => r.ToArray())];

    /// <summary>Batches per epoch.</summary>
    public int Count { get; } = (rows.Length + size - 1) / size;

    /// <summary>The batches of one epoch; valid until the next call.</summary>
    public IEnumerable<ReadOnlyMemory<int>> Epoch(int epoch)
    {
        var random = new Random(Mix(seed, epoch));
        if (_requests is null)
        {
            rows.CopyTo(_order, 0);
            random.Shuffle(_order);
        }
        else
        {
            int[] order = [.. Enumerable.Range(0, _requests.Length)];
            random.Shuffle(order);
            int at = 0;
            foreach (int request in order)
            {
                _requests[request].CopyTo(_order, at);
                at += _requests[request].Length;
            }
        }
        for (int b = 0; b < Count; b++)
        {
            int start = Start(b);
            yield return _order.AsMemory(start, Start(b + 1) - start);
        }
    }

    int Start(int batch) => (int)((long)_order.Length * batch / Count);

    // System.HashCode is seeded per process; this is the same number everywhere.
    static int Mix(int seed, int epoch) => unchecked((seed * (int)2654435761u) ^ ((epoch + 1) * 40503));
}
