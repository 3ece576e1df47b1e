using DuckDB.NET.Data;
using Larr.Data;
using Larr.Runs;
using Larr.Simulate;
using Larr.Tests.Data;

namespace Larr.Tests.Simulate;

public sealed class SimulateStageTests
{
    [Fact]
    public void The_same_seed_gives_the_same_rows_and_another_seed_others()
    {
        using TemporaryFolder first = new(), second = new(), third = new();
        Run(first.Path, 1, 5_000);
        Run(second.Path, 1, 5_000);
        Run(third.Path, 2, 5_000);
        foreach (string table in new[] { "impressions", "orders", "searches", "shops", "users" })
        {
            Assert.Equal(Hash(first.Path, table), Hash(second.Path, table));
            Assert.NotEqual(Hash(first.Path, table), Hash(third.Path, table));
        }
    }

    [Fact]
    public void Clicks_can_be_predicted_well_but_not_without_the_scene()
    {
        using var folder = new TemporaryFolder();
        SimulateReport report = Run(folder.Path, 1, 50_000);
        Assert.InRange(report.ClickRate, 0.15, 0.25);
        Assert.InRange(report.BestPossibleAuc, 0.78, 0.86);
        Assert.InRange(report.AucWithoutScene, 0.6, report.BestPossibleAuc - 0.08);
        Assert.InRange((double)report.Orders / report.Clicks, 0.2, 0.7);
        Assert.True(File.Exists(Path.Combine(folder.Path, "report.json")));
    }

    [Fact]
    public void Files_are_cut_into_parts_and_nothing_is_lost()
    {
        using var folder = new TemporaryFolder();
        using (var parts = new ParquetParts(folder.At("numbers"), "n INTEGER", rowsPerPart: 1000))
        {
            for (int n = 0; n < 2500; n++)
            {
                int value = n;
                parts.Add(row => row.AppendValue(value).EndRow());
            }
            parts.Finish();
        }
        Assert.Equal(["numbers-00000.parquet", "numbers-00001.parquet", "numbers-00002.parquet"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal("2500 3123750", Query($"SELECT count(*) || ' ' || sum(n) FROM '{folder.At("numbers-*.parquet")}'"));
    }

    [Theory]
    [InlineData(999, 30, "simulate.impressions: found 999; expected 1000 or more")]
    [InlineData(10_000, 3, "simulate.days: found 3; expected 10 or more")]
    public void A_city_too_small_is_refused(int impressions, int days, string expected)
    {
        using var folder = new TemporaryFolder();
        var context = new StageContext(folder.Path, 1, new Progress<StageProgress>(), CancellationToken.None);
        InputException complaint = Assert.Throws<InputException>(() => SimulateStage.Run(new CityConfig { Impressions = impressions, Days = days }, context));
        Assert.Contains(expected, complaint.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_citys_experiment_file_reads_what_the_city_wrote()
    {
        using TemporaryFolder simulated = new(), table = new(), again = new();
        SimulateReport city = Run(simulated.Path, 1, 10_000);
        DataReport report = Read(simulated.Path, table.Path);
        Read(simulated.Path, again.Path);
        foreach (string file in Directory.GetFiles(table.Path).Where(f => Path.GetFileName(f) != "report.json"))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(again.At(Path.GetFileName(file))));
        Assert.Equal(10_000, report.Rows);
        Assert.Equal(city.Clicks, report.Positives);
        Assert.Equal(20, report.Cardinalities["domain"]);

        using ImpressionTable impressions = ImpressionTable.Open(table.Path);
        Assert.Equal(city.Orders, impressions.Conversions.ToArray().Sum(c => c));
        Assert.Equal(10, impressions.FindAll(FieldRole.Scene).Count);
        Assert.NotNull(impressions.Text("menu", impressions.Codes("shop")[0]));
        Assert.NotNull(impressions.Text("taste", impressions.Codes("user")[^1]));
        // The request is the group and never cut by the split.
        ReadOnlySpan<int> requests = impressions.Codes("request");
        for (int r = 1; r < impressions.Rows; r++)
            if (requests[r] == requests[r - 1]) Assert.Equal(impressions.Parts[r - 1], impressions.Parts[r]);
    }

    static DataReport Read(string simulated, string folder) => DataStage.Run(
        ExperimentFile.Data("city"), ExperimentFile.Folder("city"), new Dictionary<string, string> { ["simulate"] = simulated },
        new StageContext(folder, 1, new Progress<StageProgress>(), CancellationToken.None));

    static SimulateReport Run(string folder, int seed, int impressions) =>
        SimulateStage.Run(new CityConfig { Impressions = impressions }, new StageContext(folder, seed, new Progress<StageProgress>(), CancellationToken.None));

    /// <summary>A hash over the rows in their order.</summary>
    static string Hash(string folder, string table) =>
        Query($"SELECT md5(string_agg(CAST(t AS VARCHAR), chr(10))) FROM '{Path.Combine(folder, table)}-*.parquet' AS t");

    static string Query(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}
