using Larr.Contrast;
using Larr.Data;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class ClickRankingTests : IDisposable
{
    readonly PlantedTown _town = new(Part.Validation);

    public void Dispose() => _town.Dispose();

    /// <summary>A vector of a text by the word of its first match among <paramref name="words"/>; a constant beside it does not count.</summary>
    static Func<int, float[]> By(PairSource source, string[][] words) => text =>
    {
        float[] vector = new float[words.Length + 1];
        for (int w = 0; w < words.Length; w++)
            if (words[w].Any(word => source.Pool.Texts[text].Contains(word, StringComparison.Ordinal))) vector[w] = 1;
        vector[^1] = 20;
        return vector;
    };

    [Fact]
    public void Vectors_that_know_which_weather_asks_for_what_rank_clicks_and_others_do_not()
    {
        PairSource source = _town.Source();
        var ranked = RankedImpressions.Of(source);
        string[][] planted = [.. PlantedTown.Weathers.Zip(PlantedTown.Categories, (weather, category) => (string[])[weather, category])];
        string[][] shifted = [.. PlantedTown.Weathers.Zip([.. PlantedTown.Categories[1..], PlantedTown.Categories[0]], (weather, category) => (string[])[weather, category])];
        ClickRanking knows = ranked.Measure(By(source, planted)), errs = ranked.Measure(By(source, shifted));
        Assert.Equal(source.Table.RowsOf(Part.Validation).Length, knows.Impressions);
        Assert.InRange(knows.SceneAuc!.Value, 0.65, 1);
        Assert.InRange(errs.SceneAuc!.Value, 0.3, 0.5);
    }

    [Fact]
    public void At_most_so_many_impressions_are_ranked_and_equal_vectors_tell_nothing()
    {
        var ranked = RankedImpressions.Of(_town.Source(PlantedTown.Config with { MaxImpressions = 50 }));
        Assert.Equal(new ClickRanking(50, 0.5, 0.5), ranked.Measure(_ => [1, 0]));
    }

    [Fact]
    public void Without_validation_impressions_there_is_no_figure()
    {
        using var town = new PlantedTown();
        Assert.Equal(new ClickRanking(0, null, null), RankedImpressions.Of(town.Source()).Measure(_ => [1]));
    }
}
