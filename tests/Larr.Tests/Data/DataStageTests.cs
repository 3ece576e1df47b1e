using Larr.Data;

namespace Larr.Tests.Data;

public sealed class DataStageTests
{
    [Fact]
    public void A_log_becomes_a_table_in_time_order_with_codes_by_first_occurrence()
    {
        using SmallLog log = new SmallLog().With(SmallLog.Rows);
        DataReport report = log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);

        Assert.Equal([10, 10, 20, 30, 40, 50, 60, 70], table.Times.ToArray());
        Assert.Equal([0, 1, 0, 1, 1, 0, 1, 1], table.Labels.ToArray());
        Assert.Equal(["bob", "ann", "cat", "dan"], table.Values("who"));
        Assert.Equal([0, 1, 0, 1, 2, 2, 3, 3], table.Codes("who").ToArray());
        // "pies" was never shown; it enters with the first history that names it.
        Assert.Equal(["ices", "pies", "noodles", "buns"], table.Values("shop"));
        Assert.Equal([0, 0, 2, 2, 3, 3, 0, 3], table.Codes("shop").ToArray());
        Assert.Equal(["sun", "unknown", "rain", "fog"], table.Values("weather"));
        Assert.Equal([0.25f, 0.75f, 0.125f, 0.5f, 0.5f, 0.5f, 1, 0], table.Truth.ToArray());
        Assert.Equal([2, 1], table.Behaviour("clicked_before")[1].ToArray());
        Assert.Empty(table.Behaviour("clicked_before")[3].ToArray());
        Assert.Equal([0, 2], table.Behaviour("clicked_before")[4].ToArray());
        Assert.Equal([Part.Train, Part.Train, Part.Train, Part.Train, Part.Validation, Part.Validation, Part.Test, Part.Test], table.Parts.ToArray());
        Assert.True(table.Conversions.IsEmpty);

        Assert.Equal(8, report.Rows);
        Assert.Equal(5, report.Positives);
        Assert.Equal(new PartReport(4, 2, 0.5), report.Parts[Part.Train]);
        Assert.Equal(4, report.Cardinalities["shop"]);
        Assert.Equal(4, report.SceneTexts);
        Assert.True(File.Exists(Path.Combine(log.Output, "report.json")));
        Assert.False(Directory.Exists(Path.Combine(log.Output, "spill")));
    }

    [Fact]
    public void A_text_is_the_first_one_in_the_order_of_the_view_and_null_where_there_is_none()
    {
        using SmallLog log = new SmallLog().With(SmallLog.Rows);
        log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        string?[] menus = [.. Enumerable.Range(0, 4).Select(item => table.Text("menu", item))];
        Assert.Equal(["vanilla", null, "hot soup", "steamed buns"], menus);
    }

    [Fact]
    public void The_same_log_gives_the_same_bytes()
    {
        using SmallLog first = new SmallLog().With(SmallLog.Rows);
        using SmallLog second = new SmallLog().With(SmallLog.Rows);
        first.Run();
        second.Run();
        foreach (string file in Directory.GetFiles(first.Output).Where(f => Path.GetFileName(f) != "report.json"))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(second.Output, Path.GetFileName(file))));
    }

    [Fact]
    public void Without_a_time_the_order_is_that_of_the_file()
    {
        using SmallLog log = new SmallLog().With(SmallLog.Rows);
        log.Config = log.Config with
        {
            Fields = [.. log.Config.Fields.Where(f => f.Role != FieldRole.Time)],
            Split = new() { Kind = SplitKind.Random, Validation = 0.3, Test = 0.3, Seed = 4 },
        };
        log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        Assert.Equal([1, 0, 1, 0, 1, 0, 1, 1], table.Labels.ToArray());
        Assert.True(table.Times.IsEmpty);
    }

    [Fact]
    public void Json_lines_variables_and_timestamps_are_understood()
    {
        using var log = new SmallLog();
        string folder = Directory.CreateDirectory(Path.Combine(log.Folder, "earlier")).FullName;
        File.WriteAllLines(Path.Combine(folder, "log.jsonl"), Enumerable.Range(0, 6).Select(i =>
            $$"""{"ok": {{(i % 2 == 0 ? "true" : "false")}}, "item": {{i % 3}}, "at": "2024-05-01 10:0{{i}}:00"}"""));
        log.Config = new DataConfig
        {
            Sources = new Dictionary<string, SourceConfig> { ["events"] = new() { Path = "${before}/log.jsonl" } },
            View = "SELECT ok, item, CAST(\"at\" AS TIMESTAMP) AS moment FROM events;",
            Fields =
            [
                new() { Name = "ok", Role = FieldRole.Label },
                new() { Name = "item", Role = FieldRole.Item },
                new() { Name = "moment", Role = FieldRole.Time },
            ],
            Split = new() { Kind = SplitKind.Time, Validation = 0.34, Test = 0.33 },
        };
        log.Run(new Dictionary<string, string> { ["before"] = folder });
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        Assert.Equal([1, 0, 1, 0, 1, 0], table.Labels.ToArray());
        Assert.Equal(["0", "1", "2"], table.Values("item"));
        Assert.Equal(60_000_000, table.Times[1] - table.Times[0]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Ties_of_time_keep_the_order_of_a_long_file(int times)
    {
        using var log = new SmallLog();
        const int rows = 150_000;
        using (StreamWriter file = File.CreateText(Path.Combine(log.Folder, "log.csv")))
        {
            file.WriteLine("click,item,minute");
            for (int r = 0; r < rows; r++) file.WriteLine($"{r & 1},{r},{r % times}");
        }
        log.Config = log.Config with
        {
            View = "SELECT * FROM log",
            Fields =
            [
                new() { Name = "click", Role = FieldRole.Label },
                new() { Name = "item", Role = FieldRole.Item },
                new() { Name = "minute", Role = FieldRole.Time },
            ],
            Split = new() { Kind = SplitKind.Random },
        };
        log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        IReadOnlyList<string> items = table.Values("item");
        for (int r = 0; r < rows; r++) Assert.Equal((times * (r % (rows / times))) + (r / (rows / times)), int.Parse(items[r]));
    }
}
