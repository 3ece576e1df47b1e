using System.CommandLine;
using System.Text.Json;
using Larr.Data;
using Larr.Experiments;
using Larr.Index;
using Larr.Runs;
using Larr.Serve;

namespace Larr.Cli.Commands;

/// <summary>The nightly output: scene vectors of every row of a log.</summary>
static class FeatureCommands
{
    public static Command Features()
    {
        var to = new Option<string>("--to") { Required = true, Description = "Folder for the Parquet parts, a journal and features.json." };
        var key = new Option<string?>("--key") { Description = "Column of the log that names its rows. Default: the number of the row, from 0." };
        var log = new Option<string[]>("--log") { Description = "NAME=PATH: reads another file for the source NAME, such as tonight's log.", DefaultValueFactory = _ => [] };
        var query = new Option<string?>("--query") { Description = "SQL that gives the log's rows from the sources. Default: the experiment's view." };
        var place = new IndexPlace();
        var shard = ShardOption.Of("I/N: writes only this share of the parts; I from 0.");
        var part = new Option<int>("--rows-per-part") { Description = "Rows of one Parquet file.", DefaultValueFactory = _ => 100_000 };
        var command = new Command("features", "Writes the scene vector of every row of a log as Parquet, in parts, resumable.") { to, key, log, query, shard, part };
        return CommonOptions.Over(place.AddTo(command), (session, parsed) =>
        {
            var stages = new Stages(session.File, session.Experiment.Data.Split.Fold);
            StageNode align = stages.Align(session.Experiment.Seeds[0]);
            if (session.DryRun)
            {
                session.PrintPlan([align, IndexPlace.Stage(session)]);
                return;
            }
            int rows = parsed.GetValue(part);
            if (rows < 1) throw new InputException("--rows-per-part", "value", $"{rows}", "a whole number of at least 1");
            (int number, int shards) = ShardOption.Read(parsed.GetValue(shard)!);
            DataConfig config = Log(session.Experiment.Data, parsed.GetValue(log)!, parsed.GetValue(query));
            if (place.IsServer(session, parsed)) throw new InputException("--index", "value", "nothing", "the folder of an index: the vectors of one on a server are not read here");
            string encoderFolder = session.Build(align);
            using Generation live = place.Open(session, parsed).OpenLive();
            FeatureReport report = FeatureJoin.Run(SceneEncoder.Load(encoderFolder, live), encoderFolder, new FeatureJoinOptions
            {
                Log = config,
                BaseFolder = session.File.Folder,
                Variables = stages.Simulate is { } city ? new Dictionary<string, string> { ["simulate"] = session.Build(city) } : [],
                Folder = parsed.GetValue(to)!,
                Key = parsed.GetValue(key),
                RowsPerPart = rows,
                Shard = number,
                Shards = shards,
                Threads = parsed.GetValue<int>("--threads"),
            }, session.Progress, session.Cancel);
            foreach ((string field, long unseen) in report.Unseen.Where(u => u.Value > 0))
                session.Progress.Warn($"{field}: {unseen:N0} rows have a value that the index has no vector for, and read as the field's mean; larr index refresh embeds new values");
            session.Progress.End();
            session.Output.WriteLine(JsonSerializer.Serialize(report, session.Json ? JsonSerializerOptions.Web : ConfigReader.Json));
        });
    }

    static DataConfig Log(DataConfig data, string[] logs, string? query)
    {
        var sources = new Dictionary<string, SourceConfig>(data.Sources);
        foreach (string log in logs)
        {
            int equals = log.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new InputException("--log", "value", $"'{log}'", "NAME=PATH");
            string name = log[..equals];
            if (!sources.TryGetValue(name, out SourceConfig? source)) throw new InputException("--log", "source", $"'{name}'", $"'{Nearest.To(name, sources.Keys)}' perhaps");
            sources[name] = source with { Path = Path.GetFullPath(log[(equals + 1)..]) };
        }
        return data with { Sources = sources, View = query ?? data.View };
    }
}
