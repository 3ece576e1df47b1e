using Larr.Simulate;

namespace Larr.Tests.Simulate;

public sealed class LexiconTests
{
    static readonly string[] s_silent = ["and", "with", "for", "on", "me", "near", "the", "night"];

    [Fact]
    public void Every_word_of_a_menu_means_something()
    {
        var lexicon = new Lexicon();
        string[] unknown = [.. Cuisine.All.SelectMany(c => c.Dishes).SelectMany(d => d.Split(' ')).Distinct().Where(w => !lexicon.Knows(w) && !s_silent.Contains(w))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_value_of_a_scene_has_an_entry()
    {
        var lexicon = new Lexicon();
        IEnumerable<string> values =
        [
            .. SceneWords.Weather.Select(w => w.Name), .. SceneWords.Periods.Select(p => p.Name), .. SceneWords.Weekdays, SceneWords.NoHoliday,
            .. SceneWords.Holidays, .. ScenePlaces.All.Select(p => p.Name), .. SceneWords.Company.Select(c => c.Name), .. SceneWords.Supply.Select(s => s.Name),
            .. SceneWords.Ages, .. ScenePlaces.Occupations.Select(o => o.Name),
        ];
        Assert.All(values, v => Assert.True(lexicon.Knows(v), v));
        Assert.All(ScenePlaces.Occupations, o => Assert.Contains(o.Workplace, ScenePlaces.All.Select(p => p.Name)));
    }

    [Fact]
    public void There_are_thousands_of_searches_and_all_mean_something()
    {
        var searches = new SearchPhrases(new Lexicon(), new Chance(1, 1));
        Assert.InRange(searches.Texts.Count, 5_000, 10_000);
        Assert.Equal(searches.Texts.Count, searches.Texts.Distinct().Count());
        Assert.All(searches.Meanings, m => Assert.Equal(1, Facets.Norm(m), 1e-4));
    }

    [Fact]
    public void A_phrase_means_the_sum_of_its_words()
    {
        var lexicon = new Lexicon();
        float[] both = lexicon.Meaning("spicy noodles");
        Assert.Equal(lexicon.Meaning("spicy")[(int)Facet.Spicy], both[(int)Facet.Spicy]);
        Assert.Equal(lexicon.Meaning("noodles")[(int)Facet.Staple], both[(int)Facet.Staple]);
    }
}
