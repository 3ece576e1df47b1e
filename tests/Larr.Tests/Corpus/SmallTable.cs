using Larr.Data;

namespace Larr.Tests.Corpus;

/// <summary>One impression of a table written for a test.</summary>
sealed record Shown(string User, string Item, string Weather, string Period, byte Click, Part Part = Part.Train);

/// <summary>A small table in a temporary folder: users (each a group where wanted), items with name and category, scene fields weather and period.</summary>
sealed class SmallTable : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("larr-table-").FullName;

    public SmallTable(IReadOnlyList<Shown> rows, IReadOnlyDictionary<string, (string Name, string Category)>? items = null, bool withUsers = true, bool grouped = false)
    {
        List<FieldConfig> fields =
        [
            new() { Name = "click", Role = FieldRole.Label },
            new() { Name = "shop", Role = FieldRole.Item },
            new() { Name = "weather", Role = FieldRole.Scene, Template = "the weather is {value}" },
            new() { Name = "period", Role = FieldRole.Scene, Template = "it is {value}" },
        ];
        if (withUsers) fields.Add(new() { Name = "user", Role = FieldRole.User });
        if (grouped) fields.Add(new() { Name = "visit", Role = FieldRole.Group });
        if (items is not null)
        {
            fields.Add(new() { Name = "category", Role = FieldRole.Text, Target = true });
            fields.Add(new() { Name = "name", Role = FieldRole.Text });
        }
        var writer = new ImpressionTableWriter(_folder, rows.Count, fields);
        string[] shops = Column("shop", r => r.Item);
        Column("weather", r => r.Weather);
        Column("period", r => r.Period);
        if (withUsers) Column("user", r => r.User);
        if (grouped) Column("visit", r => r.User);
        writer.Labels([.. rows.Select(r => r.Click)]);
        writer.Parts([.. rows.Select(r => r.Part)]);
        if (items is not null)
        {
            writer.Texts("category", [.. shops.Select(s => items[s].Category)]);
            writer.Texts("name", [.. shops.Select(s => items[s].Name)]);
        }
        writer.Finish();
        Table = ImpressionTable.Open(_folder);

        string[] Column(string name, Func<Shown, string> value)
        {
            string[] values = [.. rows.Select(value).Distinct()];
            writer.Codes(name, [.. rows.Select(r => Array.IndexOf(values, value(r)))], values);
            return values;
        }
    }

    public ImpressionTable Table { get; }

    public void Dispose()
    {
        Table.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
