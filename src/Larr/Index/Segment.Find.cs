using System.Runtime.Intrinsics.X86;

namespace Larr.Index;

sealed unsafe partial class Segment
{
    /// <summary>Lookups under way at once: enough to hide the memory's latency, few enough to stay in its queue.</summary>
    public const int Batch = 32;

    /// <summary>The row of an id, or −1.</summary>
    public int Find(UInt128 id)
    {
        ulong mask = ((ulong)_slots.Length / 8) - 1;
        ulong slot = (ulong)id & mask;
        for (ulong probes = 0; probes <= mask; probes++, slot = (slot + 1) & mask)
        {
            ulong entry = _slots.Read<ulong>((long)slot);
            if (entry == 0) return -1;
            if ((uint)(entry >> 32) == Tag(id) && Row(entry, slot) is var row && _ids.Read<UInt128>(row) == id) return row;
        }
        return -1;
    }

    /// <summary>
    /// The rows of at most <see cref="Batch"/> ids, in three passes so that the cache misses of all of them overlap: where
    /// each starts; the entry there; the id of the row that it names.
    /// </summary>
    /// <param name="ids">All ids.</param>
    /// <param name="which">Which of them to look up.</param>
    /// <param name="rows">For each of <paramref name="which"/>, its row or −1.</param>
    public void Find(ReadOnlySpan<UInt128> ids, ReadOnlySpan<int> which, Span<int> rows)
    {
        var slots = (ulong*)_slots.Checked();
        var stored = (UInt128*)_ids.Checked();
        ulong mask = ((ulong)_slots.Length / 8) - 1;
        if (Sse.IsSupported)
            foreach (int i in which) Sse.Prefetch0(slots + ((ulong)ids[i] & mask));

        for (int w = 0; w < which.Length; w++)
        {
            UInt128 id = ids[which[w]];
            ulong slot = (ulong)id & mask, entry = slots[slot];
            for (uint tag = Tag(id), probes = 0; entry != 0 && (uint)(entry >> 32) != tag && probes <= mask; probes++) entry = slots[slot = (slot + 1) & mask];
            rows[w] = entry == 0 ? -1 : Row(entry, slot);
            if (entry != 0 && Sse.IsSupported) Sse.Prefetch0(stored + rows[w]);
        }
        for (int w = 0; w < which.Length; w++)
            if (rows[w] >= 0 && stored[rows[w]] != ids[which[w]]) rows[w] = Find(ids[which[w]]);
    }

    /// <summary>Checks the files of lookups once.</summary>
    public void CheckLookup()
    {
        foreach (BlockFile file in new[] { _slots, _ids, _hashes }) file.Checked();
    }

    /// <summary>Part of an id that an entry repeats, so that the ids themselves are seldom read in vain.</summary>
    internal static uint Tag(UInt128 id) => (uint)(id >> 64);

    int Row(ulong entry, ulong slot)
    {
        uint row = (uint)entry - 1;
        return row < (uint)Count ? (int)row : throw _slots.Wrong(8 * (long)slot, $"row {row}", $"a row below {Count}");
    }
}
