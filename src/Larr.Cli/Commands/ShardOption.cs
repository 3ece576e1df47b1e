using System.CommandLine;
using System.Globalization;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary><c>--shard I/N</c>: one share of work that several processes do.</summary>
static class ShardOption
{
    public static Option<string> Of(string description) => new("--shard") { Description = description, DefaultValueFactory = _ => "0/1" };

    /// <summary>The share, from 0, and how many there are.</summary>
    public static (int Shard, int Shards) Read(string text) =>
        text.Split('/') is [var left, var right]
            && int.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out int shard) && int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out int shards) && shard < shards
            ? (shard, shards)
            : throw new InputException("--shard", "value", $"'{text}'", "I/N with I from 0 to N − 1");
}
