namespace Larr.Align;

/// <summary>Numbers by which identical collaborative signals of a batch are recognised.</summary>
public static class SignalIds
{
    /// <summary>One number per row: that of its item, of its user, or of the pair.</summary>
    /// <param name="signal">Which signal.</param>
    /// <param name="items">Embedding row of each row's item, [B].</param>
    /// <param name="users">Embedding row of each row's user, [B]; not read for <see cref="CollaborativeSignal.Item"/>.</param>
    public static long[] Of(CollaborativeSignal signal, ReadOnlySpan<int> items, ReadOnlySpan<int> users)
    {
        long[] ids = new long[Math.Max(items.Length, users.Length)];
        for (int b = 0; b < ids.Length; b++)
        {
            ids[b] = signal switch
            {
                CollaborativeSignal.Item => items[b],
                CollaborativeSignal.User => users[b],
                _ => ((long)users[b] << 32) | (uint)items[b],
            };
        }
        return ids;
    }
}
