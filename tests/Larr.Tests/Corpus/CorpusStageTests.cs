using Larr.Corpus;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Corpus;

public sealed class CorpusStageTests
{
    static readonly string[] s_categories = ["noodle soup", "coffee", "salad", "dumplings"];

    static SmallTable Town(int rows = 600, bool withUsers = true, bool withTexts = true, string? marker = null, int? elsewhere = null)
    {
        var random = new Random(5);
        string[] weathers = ["light rain", "sun", "snow"], periods = ["breakfast", "lunch", "dinner"];
        var shown = new List<Shown>();
        for (int r = 0; r < rows; r++)
        {
            Part part = r % 10 == 8 ? Part.Validation : r % 10 == 9 ? Part.Test : Part.Train;
            bool marked = marker is not null && part != Part.Train;
            var drawn = new Shown($"user {random.Next(40)}", $"shop {random.Next(60)}", weathers[random.Next(3)], periods[random.Next(3)], (byte)random.Next(2), part);
            shown.Add(!marked ? drawn : drawn with { Item = r % 3 == 0 ? $"shop {marker}" : drawn.Item, Weather = $"{marker} fog", Period = $"{marker} tea" });
        }
        if (elsewhere is { } seed)
        {
            // Every row outside the training part becomes another one, in another order.
            Random other = new(seed);
            for (int r = 0; r < rows; r++)
                if (shown[r].Part != Part.Train)
                    shown[r] = new Shown($"user {other.Next(40)}", $"shop {other.Next(60)}", weathers[other.Next(3)], periods[other.Next(3)], (byte)(1 - shown[r].Click), shown[r].Part);
        }
        Dictionary<string, (string, string)> items = shown.Select(s => s.Item).Distinct()
            .ToDictionary(s => s, s => ($"House of {s}", marker is not null && s.Contains(marker, StringComparison.Ordinal) ? marker : s_categories[s.Length * s[^1] % 4]));
        return new(shown, withTexts ? items : null, withUsers);
    }

    static string[] Lines(StageFolder folder, string file) => folder.Read(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void No_document_tells_of_validation_or_test_rows()
    {
        using SmallTable town = Town(marker: "xyzzy");
        using StageFolder folder = new();
        CorpusStage.Run(new(), town.Table, folder.Context);
        Assert.NotEmpty(Lines(folder, "documents.txt"));
        foreach (string file in (string[])["documents.txt", "held-out.txt", "profiles.json"])
            Assert.DoesNotContain("xyzzy", folder.Read(file), StringComparison.Ordinal);

        var train = TrainingClicks.Of(town.Table);
        int marked = Enumerable.Range(0, town.Table.Rows).Count(r => town.Table.Parts[r] != Part.Train && town.Table.Labels[r] == 1);
        Assert.True(marked > 20);
        Assert.All(train.Rows, r => Assert.Equal(Part.Train, town.Table.Parts[r]));
    }

    [Fact]
    public void Another_validation_and_test_part_leaves_every_byte_of_the_corpus()
    {
        using SmallTable one = Town();
        using StageFolder first = new();
        CorpusStage.Run(new() { MaxBehaviours = 100, MaxItems = 40, MaxUsers = 20 }, one.Table, first.Context);
        for (int seed = 1; seed <= 5; seed++)
        {
            using SmallTable other = Town(elsewhere: seed);
            using StageFolder second = new();
            CorpusStage.Run(new() { MaxBehaviours = 100, MaxItems = 40, MaxUsers = 20 }, other.Table, second.Context);
            foreach (string file in (string[])["documents.txt", "held-out.txt", "special-tokens.json"]) Assert.Equal(first.Read(file), second.Read(file));
        }
    }

    [Fact]
    public void Personas_do_not_change_when_other_parts_change()
    {
        using SmallTable one = Town(), other = Town(marker: "xyzzy");
        using StageFolder first = new(), second = new();
        CorpusStage.Run(new(), one.Table, first.Context);
        CorpusStage.Run(new(), other.Table, second.Context);
        Dictionary<string, string> before = CorpusStage.ReadTexts(first.Path, "profiles.json"), after = CorpusStage.ReadTexts(second.Path, "profiles.json");
        Assert.Equal(before.OrderBy(p => p.Key, StringComparer.Ordinal), after.OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Documents_of_held_out_items_are_not_training_documents()
    {
        using SmallTable town = Town();
        using StageFolder folder = new();
        CorpusReport report = CorpusStage.Run(new() { HeldOutShare = 0.2 }, town.Table, folder.Context);
        string[] training = Lines(folder, "documents.txt"), heldOut = Lines(folder, "held-out.txt");
        Assert.Equal((training.Length, heldOut.Length), (report.Documents, report.HeldOut));
        Assert.Empty(training.Intersect(heldOut));
        Assert.Equal(training.Length, training.Distinct().Count());
        string[] hidden = [.. town.Table.Values("shop").Where(s => HeldOut.Holds(s, 0.2))];
        Assert.Equal(hidden.Length, report.HeldOutItems);
        Assert.NotEmpty(hidden);
        Assert.All(hidden, s => Assert.DoesNotContain(training, t => t.StartsWith($"<|name|> House of {s} <", StringComparison.Ordinal)));
        Assert.All(hidden, s => Assert.Contains(heldOut, t => t.StartsWith($"<|name|> House of {s} <", StringComparison.Ordinal)));
        Assert.All(["behaviour", "item", "scene", "user"], kind => Assert.True(report.Kinds[kind] > 0));
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_and_another_seed_another_order()
    {
        using SmallTable town = Town();
        using StageFolder a = new(3), b = new(3), c = new(4);
        foreach (StageFolder folder in (StageFolder[])[a, b, c]) CorpusStage.Run(new() { MaxBehaviours = 50 }, town.Table, folder.Context);
        Assert.Equal(a.Read("documents.txt"), b.Read("documents.txt"));
        Assert.NotEqual(a.Read("documents.txt"), c.Read("documents.txt"));
        Assert.Equal(a.Read("items.json"), c.Read("items.json"));
    }

    [Fact]
    public void A_table_without_users_and_texts_still_gives_a_corpus()
    {
        using SmallTable town = Town(withUsers: false, withTexts: false);
        using StageFolder folder = new();
        CorpusReport report = CorpusStage.Run(new(), town.Table, folder.Context);
        Assert.False(report.Kinds.ContainsKey("user"));
        Assert.Empty(CorpusStage.ReadTexts(folder.Path, "profiles.json"));
        Assert.Equal("<|shop|> shop 7", CorpusStage.ReadTexts(folder.Path, "items.json")["shop 7"]);
        Assert.Contains(Lines(folder, "documents.txt"), d => d.StartsWith("the weather is light rain", StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_without_training_rows_is_refused()
    {
        using SmallTable empty = new([new("u", "a", "rain", "lunch", 1, Part.Test)]);
        using StageFolder folder = new();
        InputException error = Assert.Throws<InputException>(() => CorpusStage.Run(new(), empty.Table, folder.Context));
        Assert.Equal("the impression table: the training part: found no rows; expected at least one", error.Message);
    }
}
