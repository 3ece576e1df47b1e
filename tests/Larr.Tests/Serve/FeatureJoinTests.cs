using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;
using Larr.Serve;
using Larr.Tests.Ctr;
using TorchSharp;

namespace Larr.Tests.Serve;

[Collection("torch")]
public sealed class FeatureJoinTests : IDisposable
{
    const int Rows = 1000;
    static readonly string[] s_fields = ["weather", "meal", "weekday", "place", "holiday"];
    readonly TemporaryFolder _folder = new();
    readonly PlantedTable _planted = new(300);
    readonly string _encoderFolder;
    readonly SceneEncoder _encoder;

    public FeatureJoinTests()
    {
        _encoderFolder = _planted.Context("align").Folder;
        var config = new AlignConfig { Width = 16, Dimension = 7 };
        using var generator = new torch.Generator(5);
        using SceneAggregator trained = SceneAggregator.Create(config, _planted.Vectors, config.Dimension!.Value, generator)!;
        SceneArtefact.Write(_encoderFolder, config, _planted.Vectors, config.Dimension!.Value, trained);
        _encoder = SceneEncoder.Load(_encoderFolder, null, _planted.RawVectors);
        var random = new Random(3);
        string[] lines = ["id,weather,meal,weekday,place,holiday,junk", .. Enumerable.Range(0, Rows).Select(i =>
            $"r{i},weather {random.Next(8)},{(i % 100 == 7 ? "a new meal" : $"meal {random.Next(5)}")},weekday {random.Next(2)},place {random.Next(3)},{(i % 50 == 3 ? "" : $"holiday {random.Next(3)}")},x")];
        File.WriteAllLines(_folder.At("log.csv"), lines);
    }

    FeatureJoinOptions Options(string folder) => new()
    {
        Log = new DataConfig
        {
            Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = _folder.At("log.csv") } },
            View = "SELECT * FROM log",
            Fields = [],
            Split = new SplitConfig { Kind = SplitKind.Time },
        },
        BaseFolder = _folder.Path,
        Folder = _folder.At(folder),
        Key = "id",
        RowsPerPart = 128,
        Threads = 2,
    };

    FeatureReport Run(FeatureJoinOptions options, Action? atEveryPart = null, CancellationTokenSource? stop = null) =>
        FeatureJoin.Run(_encoder, _encoderFolder, options, new Watch(atEveryPart), stop?.Token ?? TestContext.Current.CancellationToken);

    Dictionary<string, byte[]> Files(string folder) =>
        Directory.GetFiles(_folder.At(folder), "*.parquet").ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);

    List<(string Key, List<float> Vector)> Read(string folder)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT key, vector FROM read_parquet('{_folder.At(folder)}/part-*.parquet') ORDER BY filename, file_row_number";
        using DuckDBDataReader reader = command.ExecuteReader();
        var rows = new List<(string, List<float>)>();
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetFieldValue<List<float>>(1)));
        return rows;
    }

    [Fact]
    public void Every_row_has_its_key_and_the_vector_of_its_scene_and_each_scene_is_encoded_once()
    {
        FeatureReport report = Run(Options("out"));
        List<(string Key, List<float> Vector)> rows = Read("out");
        string[][] log = [.. File.ReadLines(_folder.At("log.csv")).Skip(1).Select(l => l.Split(','))];
        Assert.Equal(log.Select(l => l[0]), rows.Select(r => r.Key));
        var workspace = new SceneWorkspace(_encoder);
        float[] scene = new float[_encoder.Dimension];
        for (int r = 0; r < Rows; r++)
        {
            _encoder.Encode([.. s_fields.Select((_, f) => _encoder.Code(f, log[r][f + 1]))], workspace, scene);
            Assert.Equal(scene, rows[r].Vector);
        }
        Assert.Equal((Rows, 8), (report.Rows, report.Parts));
        Assert.Equal(10, report.Unseen["meal"]);
        Assert.Equal(20, report.Unseen["holiday"]);
        int distinct = log.Select(l => (l[1], l[2], l[3], l[4], l[5])).Distinct().Count();
        Assert.Equal(distinct, report.Scenes);
    }

    [Fact]
    public void The_parts_say_what_they_were_made_with_and_are_read_as_vectors_made_elsewhere()
    {
        var values = new VectorIdentity("m", "t", "u", "mean", PlantedTable.VectorWidth);
        SceneArtefact artefact = SceneArtefact.Read(_encoderFolder);
        string description = Path.Combine(_encoderFolder, SceneArtefact.DescriptionFile);
        Run(Options("plain"));
        File.WriteAllBytes(description, JsonSerializer.SerializeToUtf8Bytes(artefact with { Vectors = values }, ConfigReader.Json));
        SceneEncoder encoder = SceneEncoder.Load(_encoderFolder, values, _planted.RawVectors);
        FeatureJoin.Run(encoder, _encoderFolder, Options("out"), new Watch(null), TestContext.Current.CancellationToken);
        List<(string Key, List<float> Vector)> rows = Read("out");
        KeyedVectors read = KeyedVectors.Read(new() { Name = "scene_vector", Role = FieldRole.Embedding, Vectors = new() { Path = "out/part-*.parquet" } }, _folder.Path);
        Assert.Equal(rows.Select(r => r.Key), read.Keys);
        Assert.Equal(rows.SelectMany(r => r.Vector), read.Vectors);
        string weights = FileHash.Of(Path.Combine(_encoderFolder, SceneArtefact.WeightsFile));
        Assert.Equal(new VectorIdentity(weights, "t", "u", "scene", 7).ToString(), read.Identity);
        // A table that does not say it, as earlier ones, is another one.
        Assert.Contains("features.json: vectors: found null; expected", Assert.Throws<InputException>(() =>
            FeatureJoin.Run(encoder, _encoderFolder, Options("plain"), new Watch(null), TestContext.Current.CancellationToken)).Message);
        string table = _folder.At("out/features.json");
        JsonNode older = JsonNode.Parse(File.ReadAllText(table))!;
        older.AsObject().Remove("identity");
        File.WriteAllText(table, older.ToJsonString());
        Assert.Contains("features.json: identity: found nothing; expected", Assert.Throws<InputException>(() =>
            FeatureJoin.Run(encoder, _encoderFolder, Options("out"), new Watch(null), TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void A_full_cache_is_emptied_and_changes_no_byte()
    {
        Run(Options("out"));
        FeatureReport report = Run(Options("small") with { MostScenes = 10 });
        Assert.Equal(Files("out"), Files("small"));
        Assert.True(report.Scenes > Run(Options("out")).Scenes);
    }

    [Fact]
    public void Shards_write_the_files_of_an_undivided_run()
    {
        Run(Options("whole"));
        for (int shard = 2; shard >= 0; shard--) Run(Options("sharded") with { Shard = shard, Shards = 3 });
        Assert.Equal(Files("whole"), Files("sharded"));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_and_the_files_are_the_same_to_the_byte()
    {
        Run(Options("whole"));
        using var stop = new CancellationTokenSource();
        int parts = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Options("cut"), () => { if (++parts == 3) stop.Cancel(); }, stop));
        // As a kill leaves it: a part half written, a line half written, and a part in place that the journal does not know.
        Assert.InRange(Files("cut").Count, 3, 6);
        File.WriteAllText(_folder.At("cut/part-00007.parquet.partial"), "half");
        string journal = _folder.At("cut/shard-0-of-1.journal");
        string[] lines = File.ReadAllLines(journal);
        File.WriteAllText(journal, string.Concat(lines[..^1].Select(l => l + "\n")) + lines[^1][..10]);
        FeatureReport report = Run(Options("cut"));
        Assert.Equal(Files("whole"), Files("cut"));
        Assert.Equal(Rows, report.Rows);
        Assert.Equal(Rows - 128 * (lines.Length - 1), report.RowsOfThisRun);
        Assert.Equal(0, Run(Options("cut")).RowsOfThisRun);
    }

    /// <summary>The rows of a join keep their order however many parts there are already.</summary>
    [Fact]
    public void A_run_over_a_join_goes_on_after_many_parts()
    {
        File.WriteAllLines(_folder.At("days.csv"), ["day,of", .. Enumerable.Range(0, 2).Select(d => $"weekday {d},{d}")]);
        FeatureJoinOptions Joined(string folder)
        {
            FeatureJoinOptions options = Options(folder);
            return options with
            {
                RowsPerPart = 10,
                Log = options.Log with
                {
                    Sources = new Dictionary<string, SourceConfig>(options.Log.Sources) { ["days"] = new() { Path = _folder.At("days.csv") } },
                    View = "SELECT * FROM log JOIN days ON day = weekday",
                },
            };
        }
        Run(Joined("whole"));
        using var stop = new CancellationTokenSource();
        int parts = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Joined("cut"), () => { if (++parts == 60) stop.Cancel(); }, stop));
        Assert.InRange(Run(Joined("cut")).RowsOfThisRun, 1, Rows - 500);
        Assert.Equal(Files("whole"), Files("cut"));
    }

    [Fact]
    public void Another_table_in_the_folder_a_missing_part_and_a_missing_column_are_refused()
    {
        Run(Options("out"));
        Assert.Contains("rowsPerPart", Assert.Throws<InputException>(() => Run(Options("out") with { RowsPerPart = 100 })).Message);
        File.Delete(_folder.At("out/part-00003.parquet"));
        Assert.Contains("part-00003.parquet", Assert.Throws<InputException>(() => Run(Options("out"))).Message);
        Assert.Contains("'id' perhaps", Assert.Throws<InputException>(() => Run(Options("key") with { Key = "idd" })).Message);
        FeatureJoinOptions options = Options("view");
        Assert.Contains("scene field", Assert.Throws<InputException>(() => Run(options with { Log = options.Log with { View = "SELECT id, weather FROM log" } })).Message);
    }

    [Fact]
    public void A_refreshed_index_with_as_many_values_is_another_table()
    {
        Run(Options("out"));
        (string, string, float[])[] vectors = [.. _planted.RawVectors];
        SceneEncoder With(IEnumerable<(string, string, float[])> values) => SceneEncoder.Load(_encoderFolder, null, values);
        void Again(SceneEncoder encoder) => FeatureJoin.Run(encoder, _encoderFolder, Options("out"), new Watch(null), TestContext.Current.CancellationToken);
        Again(With(vectors.Reverse()));
        foreach ((string, string, float[]) changed in new[] { (vectors[0].Item1, "a new value", vectors[0].Item3), (vectors[0].Item1, vectors[0].Item2, vectors[1].Item3) })
            Assert.Contains("content", Assert.Throws<InputException>(() => Again(With([changed, .. vectors[1..]]))).Message);
    }

    [Fact]
    public void Without_a_key_column_the_key_is_the_number_of_the_row()
    {
        Run(Options("out") with { Key = null });
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => $"{r}"), Read("out").Select(r => r.Key));
    }

    public void Dispose()
    {
        _planted.Dispose();
        _folder.Dispose();
    }

    sealed class Watch(Action? atEveryPart) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => atEveryPart?.Invoke();
    }
}
