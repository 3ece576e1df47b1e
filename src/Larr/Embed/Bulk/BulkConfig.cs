namespace Larr.Embed.Bulk;

/// <summary>What happens to a text that has no vector: one that is empty, is no UTF-8, or whose vector is not finite.</summary>
public enum BadText
{
    /// <summary>The run stops and names the row.</summary>
    Refuse,

    /// <summary>The row is left out and counted.</summary>
    Count,
}

/// <summary>How vectors are written.</summary>
public enum PartFormat
{
    /// <summary>Apache Parquet: value, hash, vector.</summary>
    Parquet,

    /// <summary>Vectors end to end, little-endian, and beside them one JSON line for each with value and hash.</summary>
    Raw,
}

/// <summary>Embedding of one column of one source.</summary>
public sealed record BulkConfig
{
    /// <summary>CSV, Parquet or JSONL by its ending, or <c>-</c> for lines of standard input.</summary>
    public required string Source { get; init; }

    /// <summary>The column. Ignored for lines. Default: value.</summary>
    public string Column { get; init; } = "value";

    /// <summary>Sentence with <c>{value}</c> in it. Default: the value alone.</summary>
    public string Template { get; init; } = "{value}";

    /// <summary>This shard: a value belongs to the shard that its hash modulo <see cref="Shards"/> names. Default: 0 of 1, all.</summary>
    public int Shard { get; init; }

    /// <summary>Number of shards.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>What happens to texts without a vector. Default: refuse.</summary>
    public BadText Bad { get; init; } = BadText.Refuse;

    /// <summary>How vectors are written. Default: Parquet.</summary>
    public PartFormat Format { get; init; } = PartFormat.Parquet;

    /// <summary>Distinct values in one part: what an interruption loses at most. Default: 16,384.</summary>
    public int BlockValues { get; init; } = 16_384;

    /// <summary>A value in words.</summary>
    public string Say(string value) => Template.Replace("{value}", value, StringComparison.Ordinal);
}
