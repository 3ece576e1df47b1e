using System.Text;
using DuckDB.NET.Data;
using Larr.Embed;
using Larr.Embed.Bulk;
using Larr.Model;
using Larr.Runs;

namespace Larr.Tests.Embed.Bulk;

[Collection("torch")]
public sealed class BulkEmbeddingTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static readonly string[] s_values = [.. Enumerable.Range(0, 100).Select(i => $"light rain {i % 60}")];

    string Csv(IEnumerable<string> values) => _folder.Write("weather.csv", "id,weather\n" + string.Concat(values.Select((v, i) => $"{i},{v}\n")));

    static BulkConfig Config(string source) => new() { Source = source, Column = "weather", Template = "the weather is {value}", BlockValues = 16 };

    (BulkReport Report, BulkCost Cost) Run(BulkConfig config, string output = "out", EmbedConfig? embed = null, Action<string>? progress = null, Stream? input = null, CancellationToken? cancel = null)
    {
        using PackedEmbedder embedder = SmallEncoder.Embedder(config: embed);
        return new BulkEmbedding(embedder, config).Run(_folder.At(output), input ?? Stream.Null, progress ?? (_ => { }), cancel ?? TestContext.Current.CancellationToken);
    }

    Dictionary<string, string> Files(string output) =>
        Directory.GetFiles(_folder.At(output)).ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(File.ReadAllBytes(f)));

    List<(string Value, string Hash, float[] Vector)> Read(string output)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"select value, hash, vector from read_parquet('{_folder.At(output)}/part-*.parquet', filename = true) order by filename, file_row_number";
        using DuckDBDataReader reader = command.ExecuteReader();
        List<(string, string, float[])> rows = [];
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1), [.. reader.GetFieldValue<List<float>>(2)]));
        return rows;
    }

    [Fact]
    public void Every_distinct_value_is_written_once_in_the_order_of_the_source()
    {
        (BulkReport report, BulkCost cost) = Run(Config(Csv(s_values)));
        Assert.Equal(new BulkReport { Rows = 100, Duplicates = 40, Vectors = 60, Parts = 4 }, report);
        Assert.Equal(0, cost.PartsKept);

        using PackedEmbedder embedder = SmallEncoder.Embedder();
        var rows = Read("out");
        Assert.Equal(s_values.Take(60), rows.Select(r => r.Value));
        Assert.Equal(embedder.Run([.. s_values.Take(60).Select(v => $"the weather is {v}")]).Vectors, rows.Select(r => r.Vector));
        Assert.Equal(ContentHash.Of("weather", "the weather is light rain 0").ToString("x32"), rows[0].Hash);
    }

    [Fact]
    public void The_metadata_say_what_the_vectors_were_made_with()
    {
        Run(Config(Csv(s_values)));
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"select decode(key), decode(value) from parquet_kv_metadata('{_folder.At("out")}/part-00002.parquet')";
        using DuckDBDataReader reader = command.ExecuteReader();
        var pairs = new Dictionary<string, string>();
        while (reader.Read()) pairs[reader.GetString(0)] = reader.GetString(1);
        Assert.Contains("\"model\":\"model-hash\"", pairs["larr.identity"]);
        Assert.Equal(("float32", "weather", "the weather is {value}"), (pairs["larr.precision"], pairs["larr.column"], pairs["larr.template"]));
    }

    [Theory]
    [InlineData(PartFormat.Parquet)]
    [InlineData(PartFormat.Raw)]
    public void An_interrupted_run_leaves_in_the_end_what_an_uninterrupted_one_leaves(PartFormat format)
    {
        BulkConfig config = Config(Csv(s_values)) with { Format = format };
        Run(config, "whole");
        Dictionary<string, string> whole = Files("whole");
        for (int stopAfter = 1; stopAfter <= 3; stopAfter++)
        {
            using var cancel = new CancellationTokenSource();
            int parts = 0;
            Assert.Throws<OperationCanceledException>(() => Run(config, $"cut{stopAfter}", progress: _ =>
            {
                if (++parts == stopAfter) cancel.Cancel();
            }, cancel: cancel.Token));
            (_, BulkCost cost) = Run(config, $"cut{stopAfter}");
            Assert.Equal(stopAfter, cost.PartsKept);
            Assert.Equal(whole, Files($"cut{stopAfter}"));
        }
    }

    [Fact]
    public void What_a_kill_at_any_byte_of_the_journal_leaves_is_taken_up()
    {
        BulkConfig config = Config(Csv(s_values));
        Run(config);
        Dictionary<string, string> whole = Files("out");
        byte[] journal = File.ReadAllBytes(_folder.At("out/journal.jsonl"));
        foreach (int length in new[] { 0, 1, 200, journal.Length / 2, journal.Length - 40, journal.Length - 1 })
        {
            File.WriteAllBytes(_folder.At("out/journal.jsonl"), journal[..length]);
            File.WriteAllText(_folder.At("out/part-00003.parquet"), "half a par"); // written, but not in the journal
            File.WriteAllText(_folder.At("out/part-00003.parquet.new"), "half");
            File.Delete(_folder.At("out/report.json"));
            Run(config);
            Assert.Equal(whole, Files("out"));
        }
    }

    [Fact]
    public void A_part_that_was_lost_or_damaged_is_made_again()
    {
        BulkConfig config = Config(Csv(s_values));
        Run(config);
        Dictionary<string, string> whole = Files("out");
        File.Delete(_folder.At("out/part-00001.parquet"));
        File.WriteAllText(_folder.At("out/part-00002.parquet"), "x");
        Assert.Equal(2, Run(config).Cost.PartsKept);
        Assert.Equal(whole, Files("out"));
    }

    [Fact]
    public void Another_source_or_model_is_not_mixed_in()
    {
        Run(Config(Csv(s_values)));
        Assert.Contains("column", Assert.Throws<InputException>(() => Run(Config(Csv(s_values)) with { Column = "id" })).Message);
        Assert.Contains("part 0", Assert.Throws<InputException>(() => Run(Config(Csv(s_values.Reverse())))).Message);
        Assert.Contains("identity", Assert.Throws<InputException>(() => Run(Config(Csv(s_values)), embed: new EmbedConfig { Width = 4 })).Message);
        Assert.Contains("4 parts", Assert.Throws<InputException>(() => Run(Config(Csv(s_values.Take(48))))).Message);
    }

    [Fact]
    public void Shards_share_the_values_out_and_leave_none_out()
    {
        BulkConfig config = Config(Csv(s_values));
        string[][] shards = [.. Enumerable.Range(0, 3).Select(i =>
        {
            Run(config with { Shard = i, Shards = 3 }, $"shard{i}");
            return Read($"shard{i}").Select(r => r.Value).ToArray();
        })];
        Assert.All(shards, s => Assert.InRange(s.Length, 10, 30));
        Assert.Equal(s_values.Take(60).Order(StringComparer.Ordinal), shards.SelectMany(s => s).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rounded_vectors_are_written_in_their_type()
    {
        BulkConfig config = Config(Csv(s_values)) with { Format = PartFormat.Raw };
        Run(config);
        float[] full = [.. Enumerable.Range(0, 16).Select(i => BitConverter.ToSingle(File.ReadAllBytes(_folder.At("out/part-00000.vectors")), i * 4))];
        (_, BulkCost cost) = Run(config, "half", new EmbedConfig { Quantize = Quantization.Float16 });
        Assert.InRange(cost.MeanCosineToFull!.Value, 0.99999, 1.00001);
        byte[] half = File.ReadAllBytes(_folder.At("half/part-00000.vectors"));
        Assert.Equal(16 * 16 * 2, half.Length);
        Assert.Equal((Half)full[3], BitConverter.ToHalf(half, 6));

        Run(config, "int8", new EmbedConfig { Quantize = Quantization.Int8 });
        sbyte[] whole = [.. File.ReadAllBytes(_folder.At("int8/part-00000.vectors")).Take(16).Select(b => (sbyte)b)];
        float scale = (float)System.Text.Json.Nodes.JsonNode.Parse(File.ReadLines(_folder.At("int8/part-00000.jsonl")).First())!["scale"]!;
        for (int i = 0; i < 16; i++) Assert.Equal(full[i], whole[i] * scale, scale / 2 * 1.001f);
        Run(Config(Csv(s_values)), "parquet8", new EmbedConfig { Quantize = Quantization.Int8, Width = 8 });
        Assert.Equal(8, Read8("parquet8").Count);
    }

    List<sbyte> Read8(string output)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"select vector from read_parquet('{_folder.At(output)}/part-00000.parquet') where scale > 0 limit 1";
        using DuckDBDataReader reader = command.ExecuteReader();
        reader.Read();
        return reader.GetFieldValue<List<sbyte>>(0);
    }

    [Fact]
    public void Rows_without_a_vector_are_refused_by_number_or_counted()
    {
        string path = _folder.At("bad.csv");
        byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
        File.WriteAllBytes(path, [.. Latin("id,weather\r\n1,sunny\r\n2,\r\n3,caf\u00e9\r\n4,\"light, \"\"rain\"\"\"\r\n5,  \r\n6,sunny")]);
        BulkConfig config = Config(path);
        Assert.Contains("row 2: found an empty value", Assert.Throws<InputException>(() => Run(config)).Message);
        (BulkReport report, _) = Run(config with { Bad = BadText.Count }, "counted");
        Assert.Equal(new BulkReport { Rows = 6, Empty = 2, NotUtf8 = 1, Duplicates = 1, Vectors = 2, Parts = 1 }, report);
        Assert.Equal(["sunny", "light, \"rain\""], Read("counted").Select(r => r.Value));
        File.WriteAllBytes(path, Latin("weather\nsunny\ncaf\u00e9\n"));
        Assert.Contains("row 2: found bytes that are no UTF-8", Assert.Throws<InputException>(() => Run(config, "refused")).Message);
    }

    [Fact]
    public void A_text_that_gives_no_number_is_refused_by_number_or_counted_and_never_written()
    {
        BulkConfig config = Config(Csv(["sunny", "light rain", "light", "lunch"])) with { Template = "{value}" };
        Assert.Contains("row 2: found \"light rain\"", Assert.Throws<InputException>(() => RunBroken(config, "refused")).Message);
        (BulkReport report, _) = RunBroken(config with { Bad = BadText.Count }, "counted");
        Assert.Equal((1L, 3L), (report.NotFinite, report.Vectors));
        Assert.Equal(["sunny", "light", "lunch"], Read("counted").Select(r => r.Value));
        Assert.All(Read("counted").SelectMany(r => r.Vector), c => Assert.True(float.IsFinite(c)));

        (BulkReport, BulkCost) RunBroken(BulkConfig broken, string output)
        {
            TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16);
            int token = SmallEncoder.Tokenizer().Encode("light rain").Except(SmallEncoder.Tokenizer().Encode("sunny")).Except(SmallEncoder.Tokenizer().Encode("light")).Except(SmallEncoder.Tokenizer().Encode("lunch")).First();
            using (TorchSharp.torch.no_grad()) encoder.LanguageModel.EmbeddingWeight[token].fill_(float.NaN);
            using PackedEmbedder embedder = SmallEncoder.Embedder(encoder);
            return new BulkEmbedding(embedder, broken).Run(_folder.At(output), Stream.Null, _ => { }, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Long_texts_are_cut_and_counted()
    {
        (BulkReport report, _) = Run(Config(Csv(["sunny", new string('x', 300)])), embed: new EmbedConfig { MaxTokens = 30 });
        Assert.Equal((1L, 2L), (report.Cut, report.Vectors));
    }

    [Fact]
    public void Jsonl_parquet_and_lines_give_what_csv_gives()
    {
        Run(Config(Csv(s_values)), "csv");
        string jsonl = _folder.Write("weather.jsonl", string.Concat(s_values.Select(v => $"{{\"weather\": \"{v}\"}}\n")));
        Run(Config(jsonl), "jsonl");
        using (var connection = new DuckDBConnection("Data Source=:memory:"))
        {
            connection.Open();
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = $"copy (select * from read_csv('{_folder.At("weather.csv")}')) to '{_folder.At("weather.parquet")}' (format parquet)";
            command.ExecuteNonQuery();
        }
        Run(Config(_folder.At("weather.parquet")), "parquet");
        Run(Config("-"), "lines", input: new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', s_values))));
        Assert.All(new[] { "jsonl", "parquet", "lines" }, output => Assert.Equal(Files("csv"), Files(output)));
    }

    [Fact]
    public void Missing_files_and_columns_are_named()
    {
        Assert.Contains("gone.csv: no such file", Assert.Throws<InputException>(() => Run(Config(_folder.At("gone.csv")), "a")).Message);
        Assert.Contains("one of id, weather", Assert.Throws<InputException>(() => Run(Config(Csv(s_values)) with { Column = "wether" }, "b")).Message);
        Assert.Contains("row 1: found 3 fields", Assert.Throws<InputException>(() => Run(Config(Csv(["a,b"])), "c")).Message);
    }

    public void Dispose() => _folder.Dispose();
}
