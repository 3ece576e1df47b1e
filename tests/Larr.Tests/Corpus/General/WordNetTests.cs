using Larr.Corpus.General;
using Larr.Runs;

namespace Larr.Tests.Corpus.General;

public sealed class WordNetTests : IDisposable
{
    const string Nouns = """
          1 This software and database is being provided to you
        00000100 13 n 01 meal 0 003 ~ 00000200 n 0000 ~ 00000300 n 0000 ~ 00000400 n 0000 | the food served and eaten at one time  
        00000200 13 n 02 breakfast 0 morning_meal 0 002 @ 00000100 n 0000 %p 00000500 n 0000 | the first meal of the day (usually in the morning); "breakfast is ready"; "a light breakfast"  
        00000300 13 n 01 lunch 0 001 @ 00000100 n 0000 | a midday meal  
        00000400 13 n 01 supper 0 001 @ 00000100 n 0000 | a light evening meal; served in early evening  
        00000500 13 n 01 toast 0 001 #p 00000200 n 0000 | slices of bread that have been toasted  
        00000600 20 n 01 Allium 0 000 | large genus of plants  
        00000700 15 n 01 Aswan 0 001 @i 00000800 n 0000 | a city on the Nile  
        00000800 15 n 01 island 0 000 | land surrounded by water  
        00000900 03 n 01 entity 0 000 | that which exists  
        """;

    readonly TemporaryFolder folder = new();

    public WordNetTests()
    {
        Write("data.noun", Nouns);
        Write("data.verb", "00001000 34 v 02 eat 1 feed_on a 000 02 + 08 00 + 22 01 | take in food; \"eat a banana\"  \n");
        Write("data.adj", "00002000 00 a 01 hot(p) 0 001 ! 00002100 a 0101 | used of high temperature; \"hot stove\"\n00002100 00 s 01 cold 0 001 ! 00002000 a 0101 | used of low temperature  \n");
        Write("data.adv", "00003000 02 r 01 soon 0 000 | in the near future  \n");
        Write("cntlist.rev", "breakfast%1:13:00:: 1 20\nfeed_on%2:34:10:: 1 3\n");
    }

    public void Dispose() => folder.Dispose();

    void Write(string name, string text) => folder.Write(name, text);

    WordNet Net => new(folder.Path);

    [Fact]
    public void A_noun_is_read_with_words_gloss_examples_pointers_and_count()
    {
        Synset breakfast = Net["n00000200"];
        Assert.Equal(LexicographerFile.NounFood, breakfast.Domain);
        Assert.Equal(["breakfast", "morning meal"], breakfast.Words);
        Assert.Equal("the first meal of the day (usually in the morning)", breakfast.Definition);
        Assert.Equal(["breakfast is ready", "a light breakfast"], breakfast.Examples);
        Assert.Equal([("@", "n00000100"), ("%p", "n00000500")], breakfast.Pointers);
        Assert.Equal(20, breakfast.Count);
    }

    [Fact]
    public void A_verb_with_frames_and_hexadecimal_sense_ids_is_read()
    {
        Synset eat = Net["v00001000"];
        Assert.Equal((LexicographerFile.VerbConsumption, 'v', 3), (eat.Domain, eat.PartOfSpeech, eat.Count));
        Assert.Equal(["eat", "feed on"], eat.Words);
        Assert.Equal("a midday meal", Net["n00000300"].Definition);
        Assert.Equal("a light evening meal; served in early evening", Net["n00000400"].Definition);
    }

    [Fact]
    public void Satellite_adjectives_count_as_adjectives_and_lose_their_marker() =>
        Assert.Equal(["hot", "cold"], Net.Synsets.Where(s => s.PartOfSpeech == 'a').Select(s => s.Words[0]));

    [Fact]
    public void Everyday_words_are_told_in_several_ways()
    {
        string[] texts = [.. new WordNetGlosses(Net, 1).Documents().Where(d => d.Topic == "n00000200").Select(d => d.Text)];
        Assert.Equal("breakfast: the first meal of the day (usually in the morning). Also called morning meal. It is a kind of meal. Breakfast is ready. A light breakfast.", texts[0]);
        Assert.Equal("The first meal of the day (usually in the morning)? Breakfast.", texts[1]);
        Assert.Equal("Breakfast and morning meal mean the same: the first meal of the day (usually in the morning).", texts[2]);
        Assert.Matches("^Breakfast, (lunch and supper|supper and lunch) are kinds of meal.$", texts[3]);
        Assert.Equal("Parts of breakfast: toast.", texts[4]);
    }

    [Fact]
    public void Kinds_opposites_and_wholes_have_their_sentences()
    {
        List<string> texts = [.. new WordNetGlosses(Net, 1).Documents().Select(d => d.Text)];
        Assert.Single(texts, t => t.StartsWith("Kinds of meal: ", StringComparison.Ordinal) && t.Length == "Kinds of meal: breakfast, lunch, supper.".Length);
        Assert.Contains("Toast is a part of breakfast.", texts);
        Assert.Contains("to eat: take in food. Also called feed on. Eat a banana.", texts);
        Assert.Contains("Aswan: a city on the Nile. It is an island.", texts);
    }

    [Fact]
    public void Rare_words_are_defined_once_and_scientific_names_not_at_all()
    {
        Document[] documents = [.. new WordNetGlosses(Net, 1).Documents()];
        Document soon = Assert.Single(documents, d => d.Topic == "r00003000");
        Assert.Equal(("soon: in the near future.", false), (soon.Text, soon.Everyday));
        Assert.Single(documents, d => d.Topic == "n00000700");
        Assert.DoesNotContain(documents, d => d.Topic == "n00000600");
    }

    [Fact]
    public void The_same_seed_gives_the_same_documents() =>
        Assert.Equal(new WordNetGlosses(Net, 5).Documents(), new WordNetGlosses(Net, 5).Documents());

    [Fact]
    public void A_malformed_line_and_a_missing_file_are_named()
    {
        Write("data.adv", "00003000 02 r zz soon 0 000 | in the near future  \n");
        Assert.Contains("data.adv: line 1", Assert.Throws<InputException>(() => Net).Message);
        Write("data.adv", "00003000 02 r 01 soon 0 001 ! 99999999 r 0101 | in the near future  \n");
        Assert.Contains("r99999999", Assert.Throws<InputException>(() => Net).Message);
        File.Delete(folder.At("data.adj"));
        Assert.Contains("data.adj: no such file", Assert.Throws<InputException>(() => Net).Message);
    }
}
