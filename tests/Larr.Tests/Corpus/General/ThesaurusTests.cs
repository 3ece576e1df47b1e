using Larr.Corpus.General;
using Larr.Runs;

namespace Larr.Tests.Corpus.General;

public class ThesaurusTests
{
    static readonly (string, string[])[] meals =
        [("breakfast", ["lunch", "tea", "brunch"]), ("lunch", ["breakfast", "tea"]), ("tea", ["lunch", "breakfast"]), ("brunch", ["dinner"])];

    [Fact]
    public void A_word_is_told_with_those_that_name_it_in_turn()
    {
        List<Document> documents = [.. new Thesaurus(meals, seed: 1).Documents()];
        Assert.Equal(["near breakfast", "near lunch", "near tea"], documents.Select(d => d.Topic)); // nobody names brunch back
        Assert.Matches("^Near breakfast: (lunch, tea|tea, lunch).$", documents[0].Text);
    }

    [Fact]
    public void The_same_seed_gives_the_same_lists() =>
        Assert.Equal(new Thesaurus(meals, 7).Documents(), new Thesaurus(meals, 7).Documents());

    [Fact]
    public void A_line_without_neighbours_is_refused()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "words.txt");
        File.WriteAllText(file, "breakfast,lunch\ndinner\n");
        Assert.EndsWith("line 2: found dinner; expected a word and its neighbours, set apart by commas", Assert.Throws<InputException>(() => Thesaurus.Read(file)).Message);
    }
}
