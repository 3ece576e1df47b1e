using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Larr.Embed.Bulk;

/// <summary>Distinct values that become one part.</summary>
/// <param name="Number">Counted from 0.</param>
/// <param name="Values">The values, in the order of their first occurrence.</param>
/// <param name="Hashes">Content hash of each value's text.</param>
/// <param name="Rows">Row of each value's first occurrence, counted from 1.</param>
sealed record ValueBlock(int Number, IReadOnlyList<string> Values, IReadOnlyList<UInt128> Hashes, IReadOnlyList<long> Rows)
{
    /// <summary>A hash of all hashes, by which a resumed run knows the block again.</summary>
    public string Hash => XxHash128.HashToUInt128(MemoryMarshal.AsBytes<UInt128>(Hashes.ToArray())).ToString("x32");
}

/// <summary>
/// Cuts a source into blocks of distinct values of one shard. Values are told apart by their 128-bit hashes, which are kept: 40 bytes for
/// each distinct value of the shard.
/// </summary>
/// <param name="config">Shard, template and size of a block.</param>
/// <param name="values">The source's values.</param>
/// <param name="bad">Counts empty ones.</param>
sealed class ValueBlocks(BulkConfig config, IEnumerable<string?> values, BadTextCount bad)
{
    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows of other shards.</summary>
    public long OtherShards { get; private set; }

    /// <summary>Rows whose value had occurred before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The blocks, in the order of the source.</summary>
    public IEnumerable<ValueBlock> Read()
    {
        var seen = new HashSet<UInt128>();
        var (kept, hashes, rows, number) = (new List<string>(), new List<UInt128>(), new List<long>(), 0);
        long notUtf8 = 0;
        foreach (string? value in values)
        {
            Rows++;
            if (value is null && bad.NotUtf8 > notUtf8)
            {
                notUtf8 = bad.NotUtf8;
                continue;
            }
            if (string.IsNullOrWhiteSpace(value))
            {
                bad.AddEmpty(Rows);
                continue;
            }
            UInt128 hash = ContentHash.Of(config.Column, config.Say(value));
            if ((int)(hash % (UInt128)config.Shards) != config.Shard) OtherShards++;
            else if (!seen.Add(hash)) Duplicates++;
            else
            {
                kept.Add(value);
                hashes.Add(hash);
                rows.Add(Rows);
                if (kept.Count < config.BlockValues) continue;
                yield return new ValueBlock(number++, kept, hashes, rows);
                (kept, hashes, rows) = ([], [], []);
            }
        }
        if (kept.Count > 0) yield return new ValueBlock(number, kept, hashes, rows);
    }
}
