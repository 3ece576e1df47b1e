using System.CommandLine;
using DuckDB.NET.Data;
using Larr.Align;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;
using Larr.Serve;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>Rows a second of <see cref="FeatureJoin"/> on generated logs of six scene fields, width 64: one whose scenes hardly repeat, and one like a day's log.</summary>
static class FeaturesBench
{
    const int Width = 64;
    static readonly (string Name, int Values)[] s_fields = [("period", 6), ("weekday", 7), ("weather", 40), ("place", 300), ("company", 12), ("search", 2000)];

    public static Command Command()
    {
        var rows = new Option<int>("--rows") { Description = "Rows of each log.", DefaultValueFactory = _ => 500_000 };
        var threads = new Option<int>("--threads") { Description = "Threads that encode.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("features", "Scene vectors of a log, in rows a second.") { rows, threads };
        return Measured.Over(command, (parsed, measured) => Run(parsed.GetValue(rows), parsed.GetValue(threads), measured));
    }

    static void Run(int rows, int threads, Measured measured)
    {
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        try
        {
            SceneEncoder encoder = Encoder(folder);
            measured.Headline("encode_cpu_us", EncodeAlone(encoder));
            measured.Headline("log_rows", rows);
            measured.Headline("fields", s_fields.Length);
            measured.Headline("width", Width);
            // A scene of a log is drawn from as many as there are users on the way; a tenth of the rows gives ten impressions each.
            foreach ((string name, int scenes) in new[] { ("distinct", int.MaxValue), ("log", rows / 10) })
            {
                string log = Path.Combine(folder, name + ".parquet");
                Generate(log, rows, scenes);
                FeatureJoinOptions options = Options(log, Path.Combine(folder, name)) with { Threads = threads };
                FeatureJoin.Run(encoder, folder, options with { Folder = options.Folder + "-warm", Log = options.Log with { View = "SELECT * FROM log LIMIT 50000" } }, new Progress<StageProgress>(), default);
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                FeatureReport report = FeatureJoin.Run(encoder, folder, options, new Progress<StageProgress>(), default);
                measured.Headline($"{name}_cpu_us_per_row", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / rows);
                measured.Headline($"{name}_rows_per_s", report.RowsPerSecond);
                measured.Headline($"{name}_scenes", report.Scenes);
                measured.Headline($"{name}_bytes", new DirectoryInfo(options.Folder).EnumerateFiles("*.parquet").Sum(f => f.Length));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A join of a generated log.</summary>
    public static FeatureJoinOptions Options(string log, string folder) => new()
    {
        Log = new DataConfig
        {
            Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = log } },
            View = "SELECT * FROM log",
            Fields = [],
            Split = new SplitConfig { Kind = SplitKind.Time },
        },
        BaseFolder = Path.GetDirectoryName(log)!,
        Folder = folder,
        Key = "id",
    };

    /// <summary>Processor time of one scene on one thread: blind to neighbours on the machine.</summary>
    static double EncodeAlone(SceneEncoder encoder)
    {
        const int scenes = 50_000;
        var random = new Random(2);
        int[] codes = [.. Enumerable.Range(0, scenes * s_fields.Length).Select(i => random.Next(s_fields[i % s_fields.Length].Values))];
        var workspace = new SceneWorkspace(encoder);
        float[] scene = new float[Width];
        TimeSpan cpu = default;
        for (int pass = 0; pass < 2; pass++)
        {
            cpu = Environment.CpuUsage.TotalTime;
            for (int s = 0; s < scenes; s++) encoder.Encode(codes.AsSpan(s * s_fields.Length, s_fields.Length), workspace, scene);
        }
        return (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / scenes;
    }

    /// <summary>Writes a log of so many rows, whose scenes are drawn from so many.</summary>
    public static void Generate(string path, int rows, int scenes)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        IEnumerable<string> columns = s_fields.Select((f, i) => $"'{f.Name} ' || (hash(scene * 31 + {i}) % {f.Values}) AS {f.Name}");
        command.CommandText = $"COPY (SELECT 'request-' || id AS id, {string.Join(", ", columns)} FROM (SELECT range AS id, hash(range) % {scenes} AS scene FROM range({rows}))) TO '{path}' (FORMAT parquet)";
        command.ExecuteNonQuery();
    }

    /// <summary>An untrained encoder over random vectors: its speed is that of a trained one.</summary>
    public static SceneEncoder Encoder(string folder)
    {
        string table = Directory.CreateDirectory(Path.Combine(folder, "table")).FullName;
        var writer = new ImpressionTableWriter(table, 1, [.. s_fields.Select(f => new FieldConfig { Name = f.Name, Role = FieldRole.Scene })]);
        writer.Parts([Part.Train]);
        foreach ((string name, int values) in s_fields) writer.Codes(name, [0], [.. Enumerable.Range(0, values).Select(v => $"{name} {v}")]);
        writer.Finish();
        using ImpressionTable opened = ImpressionTable.Open(table);
        SceneVectors vectors = SceneVectors.From(opened, Raw);
        var config = new AlignConfig { Width = Width, Dimension = Width };
        using var generator = new Generator(1);
        using SceneAggregator aggregator = SceneAggregator.Create(config, vectors, Width, generator)!;
        SceneArtefact.Write(folder, config, vectors, Width, aggregator);
        return Load(folder);
    }

    /// <summary>The encoder that <see cref="Encoder"/> wrote, in another process perhaps.</summary>
    public static SceneEncoder Load(string folder) => SceneEncoder.Load(
        folder, null, s_fields.SelectMany(f => Enumerable.Range(0, f.Values).Select(v => (f.Name, $"{f.Name} {v}", Raw(f.Name, $"{f.Name} {v}")))));

    /// <summary>A value's vector: noise, the same at every call.</summary>
    static float[] Raw(string field, string value)
    {
        var random = new Random(unchecked((int)(ulong)ContentHash.Of(field, value)));
        return [.. Enumerable.Range(0, Width).Select(_ => random.NextSingle() - .5f)];
    }
}
