using System.Text.Json.Serialization;

namespace Larr.Data;

/// <summary>Where the impressions come from and what their columns mean.</summary>
public sealed record DataConfig
{
    /// <summary>Files by the name under which <see cref="View"/> reads them.</summary>
    public IReadOnlyDictionary<string, SourceConfig> Sources { get; init; } = new Dictionary<string, SourceConfig>();

    /// <summary>One SQL query (DuckDB's dialect) over the sources; a row is an impression. In JSON a text or a list of lines.</summary>
    [JsonConverter(typeof(SqlLines))]
    public required string View { get; init; }

    /// <summary>The columns of the view that are used, in the order in which they are stored.</summary>
    public required IReadOnlyList<FieldConfig> Fields { get; init; }

    /// <summary>Negatives for a log that knows positives alone. Default: none, the view has a label.</summary>
    public NegativeConfig? Negatives { get; init; }

    /// <summary>How impressions are cut into parts.</summary>
    public required SplitConfig Split { get; init; }
}

/// <summary>How a file is read. Default: by its ending.</summary>
public enum SourceFormat
{
    /// <summary>Comma-separated values with a header line; types are guessed from the whole file, an empty cell is null.</summary>
    Csv,

    /// <summary>Apache Parquet.</summary>
    Parquet,

    /// <summary>One JSON object per line.</summary>
    Jsonl,
}

/// <summary>One file, or several of the same shape.</summary>
public sealed record SourceConfig
{
    /// <summary>
    /// Path, relative to the experiment file. <c>${NAME}</c> stands for the output folder of an earlier stage
    /// (<c>${simulate}</c>) or for an environment variable; <c>*</c> matches several files, read in the order of their names;
    /// <c>archive.zip!folder/file.csv</c> is a file inside an archive.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>Format of the file. Default: from the ending (.csv, .parquet, .jsonl, .ndjson).</summary>
    public SourceFormat? Format { get; init; }
}
