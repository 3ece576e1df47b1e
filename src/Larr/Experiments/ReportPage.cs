using Larr.Contrast;
using Larr.Embed;
using Larr.Index;
using Larr.Report;
using Larr.Runs;
using Larr.Train;

namespace Larr.Experiments;

/// <summary>Gathers the parts of an experiment's page from its artefacts; what has not been built is left out.</summary>
public static class ReportPage
{
    const int ValuesPerField = 12;
    const int NeighboursPerValue = 5;

    /// <summary>The page of <paramref name="result"/>.</summary>
    public static HtmlReport Of(ExperimentFile file, ArtifactStore store, ResultFile result)
    {
        var stages = new Stages(file, file.Experiment.Data.Split.Fold);
        var page = new HtmlReport { Title = $"LARR: {file.Experiment.Name}", Result = result, Curves = Curves(stages, store), Texts = Texts(stages, store) };
        StageNode index = stages.Index(TextSource.Contrasted);
        if (!store.Has(index.Key)) return page;
        using Generation live = new IndexFolder(Path.Combine(store.FolderOf(index.Key), "index")).OpenLive();
        int[] shown = Shown(live);
        return page with
        {
            Facts = Facts(stages, store),
            Map = ValueMap.Svg([.. shown.Select(r => new MappedValue(live.Field(r), live.Value(r), live.Vector(r).ToArray()))]),
            Neighbours =
            [
                .. shown.Select(r => new ValueNeighbours(
                    $"{live.Field(r)}: {live.Value(r)}",
                    [.. Index.Neighbours.OfValue(live, live.Field(r), live.Value(r), NeighboursPerValue).Select(n => (n.Value, (double)n.Cosine))])),
            ],
        };
    }

    static List<string> Curves(Stages stages, ArtifactStore store)
    {
        List<string> curves = [];
        foreach ((StageNode node, string column, string title) in new[]
        {
            (stages.Pretrain, "loss", "continual pre-training: loss"),
            (stages.Contrast, "loss", "contrast: loss"),
            (stages.Contrast, "margin", "contrast: mean positive − mean negative"),
        })
        {
            string csv = Path.Combine(store.FolderOf(node.Key), CurveFile.FileName);
            if (store.Has(node.Key) && File.Exists(csv)) curves.Add(CurvePlot.Svg(csv, column, title));
        }
        return curves;
    }

    static List<TextNeighbours> Texts(Stages stages, ArtifactStore store) => !store.Has(stages.Contrast.Key) ? [] :
    [
        .. StageContext.ReadReport<ContrastReport>(store.FolderOf(stages.Contrast.Key)).Kinds
            .SelectMany(kind => kind.Value.Nearest.Select(n => new TextNeighbours(kind.Key, n.Text, n.Before, n.After))),
    ];

    static List<(string Name, string Value)> Facts(Stages stages, ArtifactStore store)
    {
        StageNode embed = stages.Embed(TextSource.Contrasted);
        if (!store.Has(embed.Key)) return [];
        EmbedReport report = StageContext.ReadReport<EmbedReport>(store.FolderOf(embed.Key));
        return
        [
            ("Distinct scene values, each embedded once", $"{report.Values:N0}"),
            ("Tokens read by the language model", $"{report.Tokens:N0}"),
            ("Tokens of one full scene text per request", $"{report.FullSceneTokens:N0}"),
            ("Ratio", $"{report.Ratio:N0}"),
        ];
    }

    /// <summary>The most frequent values of each field.</summary>
    static int[] Shown(Generation live) =>
    [
        .. live.Rows().GroupBy(live.Field)
            .SelectMany(field => field.OrderByDescending(live.Popularity).Take(ValuesPerField)),
    ];
}
