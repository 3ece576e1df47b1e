using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Larr.Runs;
using Larr.Stats;

namespace Larr.Report;

/// <summary>One figure of a result: a setting, a metric, its mean and 95 % interval.</summary>
public sealed record ResultRow
{
    /// <summary>Name of the setting; the row that others are tested against is named "baseline".</summary>
    public required string Name { get; init; }

    /// <summary>Name of the metric, such as "auc".</summary>
    public required string Metric { get; init; }

    /// <summary>Mean over seeds or folds.</summary>
    public required double Mean { get; init; }

    /// <summary>Lower end of the 95 % interval; null where there was one run.</summary>
    public double? Low { get; init; }

    /// <summary>Upper end of the 95 % interval; null where there was one run.</summary>
    public double? High { get; init; }

    /// <summary>Seeds of the runs.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Relative improvement of an AUC over the baseline's; null for other metrics.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RelaImpr { get; init; }

    /// <summary>p of the paired test against the baseline, Holm-corrected over the table; null for the baseline and where there was one run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? P { get; init; }

    /// <summary>A row from a mean and its interval.</summary>
    public static ResultRow Of(string name, string metric, Interval interval, IReadOnlyList<int> seeds) => new()
    {
        Name = name,
        Metric = metric,
        Mean = interval.Mean,
        Low = double.IsNaN(interval.Low) ? null : interval.Low,
        High = double.IsNaN(interval.High) ? null : interval.High,
        Seeds = seeds,
    };
}

/// <summary>A committed result: what was run, where, when, and its rows.</summary>
public sealed record ResultFile
{
    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Commit of the code.</summary>
    public string Commit { get; init; } = GitCommit.Current;

    /// <summary>Day it was made.</summary>
    public string Date { get; init; } = DateTime.UtcNow.ToString("yyyy-MM-dd");

    /// <summary>Processor, cores, system and runtime.</summary>
    public string Machine { get; init; } = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}";

    /// <summary>Seeds that were run.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>For simulated data: AUC of the true click probabilities on the test part. No model can be expected above it.</summary>
    [JsonPropertyName("best_possible_auc")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BestPossibleAuc { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<ResultRow> Rows { get; init; }

    /// <summary>Reads a result file.</summary>
    public static ResultFile Read(string path) => ConfigReader.Read<ResultFile>(path, []);

    /// <summary>Writes it, making the folder where needed.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, ConfigReader.Json) + "\n");
    }

    /// <summary>The whole result as one line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, s_line);

    static readonly JsonSerializerOptions s_line = new(ConfigReader.Json) { WriteIndented = false };
}
