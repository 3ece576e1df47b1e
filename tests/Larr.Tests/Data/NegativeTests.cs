using System.IO.Compression;
using CsCheck;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

/// <summary>Sampled negatives: each kind keeps its promise, and every column follows the row it belongs to.</summary>
public sealed class NegativeTests
{
    // The same hour several times, each in cities of its own.
    static SmallLog Positives(NegativeKind kind, int perPositive = 2, int seed = 1, int hours = 2)
    {
        var log = new SmallLog();
        IEnumerable<string> lines = Enumerable.Range(0, hours).SelectMany(h => (string[])[
            $"ann,noodles,{100 * h + 10},rain,home,{h}7,5,hot;soup,",
            $"bob,ices,{100 * h + 20},sun,park,{h}8,2,cold,pies",
            $"ann,ices,{100 * h + 30},sun,park,{h}9,2,cold,noodles",
            $"cat,buns,{100 * h + 40},fog,work,{h}7,,steam,",
            $"bob,noodles,{100 * h + 50},rain,home,{h}9,5,hot;soup,ices;pies",
            $"ann,noodles,{100 * h + 60},fog,home,{h}8,5,hot;soup,"]);
        File.WriteAllLines(Path.Combine(log.Folder, "log.csv"), ["who,shop,minute,weather,place,city,price,tags,before", .. lines]);
        log.Config = log.Config with
        {
            View = "SELECT * REPLACE (string_split(tags, ';') AS tags, CASE WHEN before IS NULL THEN [] ELSE string_split(before, ';') END AS before), shop || '.png' AS picture, weather || '.png' AS sky FROM log",
            Fields =
            [
                new() { Name = "click", Role = FieldRole.Label },
                new() { Name = "who", Role = FieldRole.User },
                new() { Name = "shop", Role = FieldRole.Item },
                new() { Name = "minute", Role = FieldRole.Time },
                new() { Name = "weather", Role = FieldRole.Scene },
                new() { Name = "place", Role = FieldRole.Scene },
                new() { Name = "city", Role = FieldRole.Feature, OfScene = true },
                new() { Name = "price", Role = FieldRole.Number, OfItem = true },
                new() { Name = "tags", Role = FieldRole.Tags, OfItem = true },
                new() { Name = "before", Role = FieldRole.Behaviour },
                new() { Name = "picture", Role = FieldRole.Embedding, OfItem = true, Vectors = new() { Path = "pictures.parquet" } },
                new() { Name = "sky", Role = FieldRole.Embedding, Vectors = new() { Path = "skies.parquet" } },
            ],
            Negatives = new() { Kind = kind, PerPositive = perPositive, Seed = seed },
            Split = new() { Kind = SplitKind.Time, Validation = .3, Test = .3 },
        };
        return log;
    }

    [Theory]
    [InlineData(NegativeKind.Uniform)]
    [InlineData(NegativeKind.Popularity)]
    [InlineData(NegativeKind.ContextSwap)]
    [InlineData(NegativeKind.OwnHistory)]
    public void Every_positive_is_followed_by_negatives_that_keep_its_user_time_and_history(NegativeKind kind)
    {
        using SmallLog log = Positives(kind, hours: 4);
        log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        Assert.Equal(24, table.Labels.ToArray().Sum(l => l));
        string Value(string field, int row) => table.Values(field)[table.Codes(field)[row]];
        string Scene(int row) => Value("weather", row) + Value("place", row) + Value("city", row);
        // What a part knows: the positives up to its own.
        int[] Known(Part part) => [.. Enumerable.Range(0, table.Rows).Where(r => table.Labels[r] == 1 && table.Parts[r] <= part)];
        int positive = 0;
        for (int r = 0; r < table.Rows; r++)
        {
            if (table.Labels[r] == 1) positive = r;
            Assert.Equal(Value("who", positive), Value("who", r));
            Assert.Equal(table.Times[positive], table.Times[r]);
            Assert.Equal(table.Behaviour("before")[positive].ToArray(), table.Behaviour("before")[r].ToArray());
            // Price, tags and picture are the item's own.
            string shop = Value("shop", r);
            Assert.Equal(shop + ".png", Value("picture", r));
            Assert.Equal(Value("sky", positive), Value("sky", r));
            Assert.Equal(shop switch { "noodles" => 5, "ices" => 2, _ => float.NaN }, table.Numbers("price")[r]);
            Assert.Equal(shop switch { "noodles" => "hot soup", "ices" => "cold", _ => "steam" }, string.Join(' ', table.Tags("tags")[r].ToArray().Select(t => table.Values("tags")[t])));
            Assert.Equal(table.Parts[positive], table.Parts[r]);
            if (table.Labels[r] == 1) continue;
            int[] known = Known(table.Parts[r]);
            (string, string)[] taken = [.. known.Select(k => (Value("who", k), Value("shop", k)))];
            (string, string, string)[] takenThere = [.. known.Select(k => (Value("who", k), Value("shop", k), Scene(k)))];
            bool sameItem = table.Codes("shop")[r] == table.Codes("shop")[positive];
            string context = Scene(r);
            Assert.Equal(kind == NegativeKind.ContextSwap, sameItem);
            Assert.Equal(kind == NegativeKind.ContextSwap, context != Scene(positive));
            if (kind is NegativeKind.Uniform or NegativeKind.Popularity) Assert.DoesNotContain((Value("who", r), shop), taken);
            else Assert.DoesNotContain((Value("who", r), shop, context), takenThere);
            if (kind == NegativeKind.OwnHistory) Assert.Contains((Value("who", r), shop), taken);
            if (kind == NegativeKind.ContextSwap) Assert.Contains(context, known.Select(Scene));
        }
    }

    [Fact]
    public void A_seed_gives_the_same_rows_and_another_seed_others()
    {
        byte[] Items(int seed)
        {
            using SmallLog log = Positives(NegativeKind.Uniform, perPositive: 5, seed: seed);
            log.Run();
            return File.ReadAllBytes(Path.Combine(log.Output, "shop.codes"));
        }
        Assert.Equal(Items(1), Items(1));
        Assert.NotEqual(Items(1), Items(2));
    }

    [Theory]
    [InlineData(NegativeKind.Uniform)]
    [InlineData(NegativeKind.Popularity)]
    [InlineData(NegativeKind.ContextSwap)]
    [InlineData(NegativeKind.OwnHistory)]
    public void Negatives_of_training_know_nothing_of_the_later_parts(NegativeKind kind)
    {
        var random = new Random(2);
        int[] users = [.. Enumerable.Range(0, 300).Select(_ => random.Next(10))], items = [.. Enumerable.Range(0, 300).Select(_ => random.Next(20))], contexts = [.. Enumerable.Range(0, 300).Select(_ => random.Next(8))];
        Part[] parts = [.. Enumerable.Range(0, 300).Select(r => r < 200 ? Part.Train : r < 250 ? Part.Validation : Part.Test)];
        var config = new NegativeConfig { Kind = kind, PerPositive = 3 };
        SampledRow[] Drawn(int rows, Part upTo) =>
            [.. new NegativeSampler(config, users[..rows], items[..rows], contexts[..rows], parts[..rows]).Draw().Where(r => parts[r.Positive] <= upTo)];
        Assert.Equal(Drawn(200, Part.Train), Drawn(300, Part.Train));
        Assert.Equal(Drawn(250, Part.Validation), Drawn(300, Part.Validation));
        Assert.NotEqual(Drawn(200, Part.Train), [.. new NegativeSampler(config, users, items, contexts).Draw().Where(r => parts[r.Positive] == Part.Train)]);
    }

    [Fact]
    public void Under_a_random_split_the_whole_log_is_known_and_rows_are_dealt_out_by_themselves()
    {
        using SmallLog log = Positives(NegativeKind.Uniform, hours: 6);
        log.Config = log.Config with { Split = log.Config.Split with { Kind = SplitKind.Random } };
        log.Run();
        using ImpressionTable table = ImpressionTable.Open(log.Output);
        int positive = 0, apart = 0;
        for (int r = 0; r < table.Rows; r++)
        {
            if (table.Labels[r] == 1) positive = r;
            else if (table.Parts[r] != table.Parts[positive]) apart++;
        }
        Assert.True(apart > 5, $"{apart}");
    }

    [Fact]
    public void A_popular_item_is_drawn_as_often_as_it_is_taken()
    {
        // Two users never meet the other's items: of user 0's negatives, item 2 must come three times as often as item 1.
        int[] users = [0, 1, 1, 1, 1], items = [0, 1, 2, 2, 2];
        var config = new NegativeConfig { Kind = NegativeKind.Popularity, PerPositive = 4000 };
        List<SampledRow> rows = new NegativeSampler(config, users, items, [0, 0, 0, 0, 0]).Draw();
        double ones = rows.Count(r => r is { Positive: 0, Item: 1 }), twos = rows.Count(r => r is { Positive: 0, Item: 2 });
        Assert.Equal(3, twos / ones, .3);
    }

    [Fact]
    public void A_positive_without_a_possible_negative_stands_alone() =>
        Gen.Int[1, 5].Sample(k => Assert.Single(new NegativeSampler(new() { Kind = NegativeKind.Uniform, PerPositive = k }, [0], [0], [0]).Draw()));

    [Fact]
    public void What_does_not_fit_is_named()
    {
        void Complains(SmallLog log, string expected)
        {
            using (log) Assert.Contains(expected, Assert.Throws<InputException>(() => log.Run()).Message, StringComparison.Ordinal);
        }

        SmallLog none = Positives(NegativeKind.Uniform, perPositive: 0);
        Complains(none, "data.negatives.perPositive: found 0; expected 1 or more");
        SmallLog labelled = Positives(NegativeKind.Uniform);
        Complains(labelled.WithField("click", new() { Name = "minute2", Role = FieldRole.Label }).WithView("SELECT *, 1 AS minute2"), "data.fields.minute2: found a column of the view; expected none");
        Complains(Positives(NegativeKind.Uniform).WithField("price", new() { Name = "price", Role = FieldRole.Number, OfItem = true, OfScene = true }), "data.fields.price: found ofItem and ofScene; expected one of them");
        SmallLog nowhere = Positives(NegativeKind.OwnHistory);
        nowhere.Config = nowhere.Config with { Fields = [.. nowhere.Config.Fields.Where(f => f.Role != FieldRole.Scene && f.Name != "city")] };
        Complains(nowhere, "data.negatives.kind: found OwnHistory; expected a field with the role scene");
        SmallLog alone = Positives(NegativeKind.Uniform);
        alone.Config = alone.Config with { Negatives = null };
        Complains(alone.WithView("SELECT *, 1 AS click"), "data.split: found a train part of clicks alone; expected rows that were not clicked; data.negatives");
        Complains(Positives(NegativeKind.Uniform).WithField("who", new() { Name = "who", Role = FieldRole.Feature }), "data.negatives: found no user");
    }

    [Theory]
    [InlineData("nan", "column price: found NaN; expected a finite number, or null where there is none")]
    [InlineData("-inf", "column price: found -Infinity; expected a finite number, or null where there is none")]
    public void A_number_that_is_none_is_named_with_its_row(string price, string expected)
    {
        using SmallLog log = Positives(NegativeKind.Uniform);
        string file = Path.Combine(log.Folder, "log.csv");
        File.WriteAllText(file, File.ReadAllText(file).Replace("park,08,2,cold,pies", $"park,08,{price},cold,pies", StringComparison.Ordinal));
        Assert.Contains("row 2 of the view, " + expected, Assert.Throws<InputException>(() => log.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_inside_an_archive_is_a_source()
    {
        using SmallLog log = new SmallLog().With(SmallLog.Rows);
        using (ZipArchive zip = ZipFile.Open(Path.Combine(log.Folder, "logs.zip"), ZipArchiveMode.Create))
            zip.CreateEntryFromFile(Path.Combine(log.Folder, "log.csv"), "year/log.csv");
        File.Delete(Path.Combine(log.Folder, "log.csv"));
        log.Config = log.Config with { Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "logs.zip!year/log.csv" } } };
        Assert.Equal(8, log.Run().Rows);
        log.Config = log.Config with { Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "logs.zip!year/lok.csv" } } };
        Assert.Contains("logs.zip: entry: found year/lok.csv; expected 'year/log.csv' perhaps", Assert.Throws<InputException>(() => log.Run()).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(log.Folder, "logs.zip"), "not an archive");
        Assert.Contains("logs.zip: not a ZIP archive, or a damaged one", Assert.Throws<InputException>(() => log.Run()).Message, StringComparison.Ordinal);
    }
}
