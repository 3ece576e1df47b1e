using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

/// <summary>A log of eight impressions as CSV, with the configuration that reads it.</summary>
sealed class SmallLog : IDisposable
{
    public const string Header = "click,who,shop,minute,weather,menu,clicked_before,p";

    /// <summary>Out of time order on purpose; two rows share a minute; one weather is missing.</summary>
    public static readonly string[] Rows =
    [
        "1,ann,noodles,30,rain,hot soup,,0.5",
        "0,bob,ices,10,sun,vanilla,pies,0.25",
        "1,ann,ices,10,,,noodles;pies,0.75",
        "0,bob,noodles,20,sun,cold soup,ices,0.125",
        "1,cat,buns,40,fog,steamed buns,ices;noodles,0.5",
        "0,cat,buns,50,rain,steamed buns,buns,0.5",
        "1,dan,ices,60,rain,vanilla,,1",
        "1,dan,buns,70,fog,steamed buns,ices,0",
    ];

    readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public string Output => _folder.At("out");

    public DataConfig Config { get; set; } = new()
    {
        Sources = new Dictionary<string, SourceConfig> { ["log"] = new() { Path = "log.csv" } },
        View = "SELECT * REPLACE (CASE WHEN clicked_before IS NULL THEN [] ELSE string_split(clicked_before, ';') END AS clicked_before) FROM log",
        Fields =
        [
            new() { Name = "click", Role = FieldRole.Label },
            new() { Name = "who", Role = FieldRole.User },
            new() { Name = "shop", Role = FieldRole.Item },
            new() { Name = "minute", Role = FieldRole.Time },
            new() { Name = "weather", Role = FieldRole.Scene, Template = "the weather is {value}" },
            new() { Name = "menu", Role = FieldRole.Text, Target = true },
            new() { Name = "clicked_before", Role = FieldRole.Behaviour },
            new() { Name = "p", Role = FieldRole.Truth },
        ],
        Split = new() { Kind = SplitKind.Time, Validation = 0.25, Test = 0.25 },
    };

    public SmallLog With(params string[] rows)
    {
        _folder.Write("log.csv", string.Join('\n', rows.Prepend(Header)) + "\n");
        return this;
    }

    /// <summary>Puts <paramref name="field"/> in the place of the field called <paramref name="name"/>.</summary>
    public SmallLog WithField(string name, FieldConfig field)
    {
        Config = Config with { Fields = [.. Config.Fields.Select(f => f.Name == name ? field : f)] };
        return this;
    }

    /// <summary>Reads <paramref name="select"/> of what the view gave so far.</summary>
    public SmallLog WithView(string select)
    {
        Config = Config with { View = $"{select} FROM ({Config.View})" };
        return this;
    }

    public DataReport Run(IReadOnlyDictionary<string, string>? variables = null)
    {
        Directory.CreateDirectory(Output);
        var context = new StageContext(Output, Seed: 1, new Progress<StageProgress>(), CancellationToken.None);
        return DataStage.Run(Config, Folder, variables ?? new Dictionary<string, string>(), context);
    }

    public void Dispose() => _folder.Dispose();
}
