using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

/// <summary>Each kind of bad input gives one line that says where it is and what was expected.</summary>
public sealed class BadInputTests
{
    [Fact]
    public void A_missing_file() =>
        Complains(new SmallLog(), "log.csv: no such file; data.sources.log.path is log.csv");

    [Fact]
    public void A_variable_that_is_not_set()
    {
        var log = new SmallLog();
        log.Config = log.Config with { Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "${LARR_NO_SUCH_VARIABLE}/log.csv" } } };
        Complains(log, "data.sources.log.path: found ${LARR_NO_SUCH_VARIABLE}/log.csv; expected LARR_NO_SUCH_VARIABLE to be set");
    }

    [Fact]
    public void A_file_of_an_unknown_kind()
    {
        var log = new SmallLog();
        File.WriteAllText(Path.Combine(log.Folder, "log.xls"), "");
        log.Config = log.Config with { Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "log.xls" } } };
        Complains(log, "data.sources.log.path: found the ending '.xls'; expected a format: csv, parquet or jsonl");
    }

    [Fact]
    public void A_file_that_is_not_what_its_ending_says()
    {
        var log = new SmallLog();
        File.WriteAllText(Path.Combine(log.Folder, "log.parquet"), "not parquet");
        log.Config = log.Config with { Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "log.parquet" } } };
        Complains(log, "log.parquet: reading it: found", "expected a Parquet file");
    }

    [Fact]
    public void An_unknown_column_with_the_nearest_known_one() =>
        Complains(Good().WithField("weather", new() { Name = "wether", Role = FieldRole.Scene }), "data.fields.wether: found no such column in the view; expected 'weather' perhaps");

    [Fact]
    public void Sql_that_does_not_parse()
    {
        SmallLog log = Good();
        log.Config = log.Config with { View = "SELEC * FROM log" };
        Complains(log, "data.view: found 'Parser Error", "expected a query over the sources log");
    }

    [Fact]
    public void Sql_that_fails_on_a_row()
    {
        SmallLog log = Good();
        log.Config = log.Config with { View = log.Config.View.Replace("* REPLACE (", "* REPLACE (CAST(menu AS INTEGER) AS menu, ", StringComparison.Ordinal) };
        Complains(log, "data.view: found 'Conversion Error", "expected a query that runs over all rows");
    }

    [Theory]
    [InlineData("2,ann,noodles,30,rain,soup,,0.5", "row 3 of the view, column click: found '2'; expected 0 or 1")]
    [InlineData(",ann,noodles,30,rain,soup,,0.5", "row 3 of the view, column click: found nothing; expected 0 or 1")]
    [InlineData("1,,noodles,30,rain,soup,,0.5", "row 3 of the view, column who: found nothing; expected the user's identity")]
    [InlineData("1,ann,,30,rain,soup,,0.5", "row 3 of the view, column shop: found nothing; expected the item's identity")]
    [InlineData("1,ann,noodles,,rain,soup,,0.5", "row 3 of the view, column minute: found nothing; expected a time")]
    [InlineData("1,ann,noodles,30,rain,soup,ices;;buns,0.5", "row 3 of the view, column clicked_before: found an empty identity")]
    [InlineData("1,ann,noodles,30,rain,soup,,nan", "row 3 of the view, column p: found NaN; expected a probability")]
    [InlineData("1,ann,noodles,30,rain,soup,,inf", "row 3 of the view, column p: found Infinity; expected a probability")]
    [InlineData("1,ann,noodles,30,rain,soup,,1.5", "row 3 of the view, column p: found 1.5; expected a probability")]
    public void A_wrong_value_with_its_row(string row, string expected) =>
        Complains(new SmallLog().With([.. SmallLog.Rows[..2], row, .. SmallLog.Rows[3..]]), "log.csv: " + expected);

    [Fact]
    public void An_empty_group() =>
        Complains(Good().WithField("weather", new() { Name = "weather", Role = FieldRole.Group }), "row 3 of the view, column weather: found nothing; expected the group's identity");

    [Fact]
    public void A_template_without_its_value() =>
        Complains(
            Good().WithField("weather", new() { Name = "weather", Role = FieldRole.Scene, Template = "the weather is {valu}" }),
            "data.fields.weather.template: found 'the weather is {valu}'; expected a sentence with {value} in it");

    [Fact]
    public void A_view_without_rows()
    {
        SmallLog log = Good();
        log.Config = log.Config with { View = log.Config.View + " WHERE minute > 1000" };
        Complains(log, "data.view: found no rows; expected at least one impression");
    }

    [Fact]
    public void A_part_without_rows()
    {
        SmallLog log = Good();
        log.Config = log.Config with { Split = new() { Kind = SplitKind.Time, Validation = 0.01, Test = 0.2 } };
        Complains(log, "data.split: found a validation part without rows; expected rows in every part");
    }

    [Fact]
    public void A_part_without_clicks()
    {
        SmallLog log = new SmallLog().With([.. SmallLog.Rows[..6], .. SmallLog.Rows[6..].Select(r => "0" + r[1..])]);
        Complains(log, "data.split: found a test part without clicks; expected clicks in every part");
    }

    [Fact]
    public void More_than_ten_scene_fields()
    {
        SmallLog log = Good();
        log.Config = log.Config with { Fields = [.. log.Config.Fields, .. Enumerable.Range(0, 10).Select(i => new FieldConfig { Name = "s" + i, Role = FieldRole.Scene })] };
        Complains(log, "data.fields: found 11 scene fields; expected at most 10");
    }

    [Fact]
    public void No_label_or_two_of_them()
    {
        Complains(Good().WithField("click", new() { Name = "click", Role = FieldRole.Feature }), "data.fields: found no field with the role label; expected one");
        Complains(Good().WithField("p", new() { Name = "p", Role = FieldRole.Label }), "data.fields: found 2 fields with the role label; expected at most one");
    }

    [Fact]
    public void A_field_twice() =>
        Complains(Good().WithField("menu", new() { Name = "Weather", Role = FieldRole.Feature }), "data.fields.Weather: found a second field of this name");

    [Fact]
    public void A_history_that_is_not_a_list() =>
        Complains(Good().WithField("menu", new() { Name = "menu", Role = FieldRole.Behaviour }), "column menu: found the type VARCHAR; expected a list of item identities");

    [Fact]
    public void A_time_that_is_not_one() =>
        Complains(
            Good().WithField("menu", new() { Name = "other", Role = FieldRole.Feature }).WithField("minute", new() { Name = "menu", Role = FieldRole.Time })
                .WithField("other", new() { Name = "minute", Role = FieldRole.Feature }),
            "column menu: found the type VARCHAR; expected an integer, a date or a timestamp");

    [Theory]
    [InlineData(FieldRole.Feature, 0, "data.fields.menu.dimension: found 0; expected 1 or more")]
    [InlineData(FieldRole.Text, 4, "data.fields.menu.dimension: found a field of the role text; expected one of the roles user, item, scene, domain, feature, number, tags")]
    [InlineData(FieldRole.Embedding, null, "data.fields.menu.vectors: found nothing; expected where the vectors are, such as { \"path\": \"vectors.parquet\" }")]
    public void A_width_or_a_vector_file_that_a_field_cannot_have(FieldRole role, int? dimension, string expected) =>
        Complains(Good().WithField("menu", new() { Name = "menu", Role = role, Dimension = dimension }), expected);

    [Fact]
    public void Vectors_of_a_field_that_takes_none() =>
        Complains(
            Good().WithField("menu", new() { Name = "menu", Role = FieldRole.Feature, Vectors = new() { Path = "vectors.parquet" } }),
            "data.fields.menu.vectors: found a field of the role feature; expected the role embedding");

    [Fact]
    public void A_users_text_without_users() =>
        Complains(
            Good().WithField("who", new() { Name = "who", Role = FieldRole.Feature }).WithField("menu", new() { Name = "menu", Role = FieldRole.Text, Of = TextOwner.User }),
            "data.fields.menu: found a text of the user; expected a field with the role user");

    [Theory]
    [InlineData(SplitKind.Group, 0.1, 0.2, 5, 0, "data.split.kind: found Group; expected a field with the role group")]
    [InlineData(SplitKind.Time, 0.6, 0.5, 5, 0, "data.split: found 1.1 for validation and test together; expected less than 1")]
    [InlineData(SplitKind.Time, double.NaN, 0.5, 5, 0, "data.split.validation: found NaN; expected a share between 0 and 1")]
    [InlineData(SplitKind.GroupKFold, 0.1, 0.2, 1, 0, "data.split.folds: found 1; expected 2 or more")]
    [InlineData(SplitKind.GroupKFold, 0.1, 0.2, 5, 5, "data.split.fold: found 5; expected 0 to 4")]
    public void A_split_that_cannot_be(SplitKind kind, double validation, double test, int folds, int fold, string expected)
    {
        SmallLog log = Good();
        log.Config = log.Config with { Split = new() { Kind = kind, Validation = validation, Test = test, Folds = folds, Fold = fold } };
        Complains(log, expected);
    }

    static SmallLog Good() => new SmallLog().With(SmallLog.Rows);

    static void Complains(SmallLog log, params string[] parts)
    {
        using (log)
        {
            InputException complaint = Assert.Throws<InputException>(() => log.Run());
            Assert.All(parts, part => Assert.Contains(part, complaint.Message, StringComparison.Ordinal));
            Assert.DoesNotContain('\n', complaint.Message);
        }
    }
}
