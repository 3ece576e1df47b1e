namespace Larr.Embed.Bulk;

/// <summary>What a bulk run read, computed and left out.</summary>
public sealed record BulkReport
{
    /// <summary>Rows of the source.</summary>
    public long Rows { get; init; }

    /// <summary>Rows whose value belongs to another shard.</summary>
    public long OtherShards { get; init; }

    /// <summary>Rows whose value had occurred before.</summary>
    public long Duplicates { get; init; }

    /// <summary>Rows whose value is empty or null.</summary>
    public long Empty { get; init; }

    /// <summary>Rows that are no UTF-8.</summary>
    public long NotUtf8 { get; init; }

    /// <summary>Values whose vector was not finite.</summary>
    public long NotFinite { get; init; }

    /// <summary>Texts that were too long and cut.</summary>
    public long Cut { get; init; }

    /// <summary>Vectors written.</summary>
    public long Vectors { get; init; }

    /// <summary>Parts written, those of interrupted runs among them.</summary>
    public int Parts { get; init; }
}

/// <summary>What one call of a bulk run cost; unlike <see cref="BulkReport"/> it depends on the machine and on interruptions.</summary>
/// <param name="PartsKept">Parts that an interrupted run had finished.</param>
/// <param name="TokensComputed">Tokens that went through the model.</param>
/// <param name="Seconds">Time of the whole call.</param>
/// <param name="VectorsPerSecond">Vectors made in this call over its time.</param>
/// <param name="MeanCosineToFull">Of vectors that were rounded or shortened: their mean cosine to the model's own; null where they are the model's own.</param>
public sealed record BulkCost(int PartsKept, long TokensComputed, double Seconds, double VectorsPerSecond, double? MeanCosineToFull);
