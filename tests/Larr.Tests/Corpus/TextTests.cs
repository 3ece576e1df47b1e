using Larr.Corpus;
using Larr.Data;

namespace Larr.Tests.Corpus;

public sealed class TextTests
{
    static readonly Dictionary<string, (string, string)> s_items = new()
    {
        ["a"] = ("Golden Lantern", "noodle soup, dumplings"),
        ["b"] = ("Blue Cup", "coffee"),
        ["c"] = ("Old Wok", "noodle soup"),
        ["d"] = ("Dawn", "coffee"),
        ["e"] = ("Fold", "dumplings"),
    };

    [Fact]
    public void An_item_text_gives_first_and_asks_after()
    {
        using SmallTable small = new([new("u", "a", "rain", "lunch", 1)], s_items);
        var items = new ItemText(small.Table);
        Assert.Equal("<|name|> Golden Lantern <|category|> noodle soup, dumplings", items.Of(0));
        Assert.Equal("<|category|> noodle soup, dumplings", items.Targets(0));
    }

    [Fact]
    public void An_item_without_texts_is_its_identity_in_words()
    {
        using SmallTable small = new([new("u", "Coffee_House", "rain", "lunch", 1)]);
        var items = new ItemText(small.Table);
        Assert.Equal("<|shop|> Coffee House", items.Of(0));
        Assert.Equal(items.Of(0), items.Targets(0));
    }

    [Fact]
    public void A_profile_says_how_often_in_words_and_can_leave_an_item_out()
    {
        Shown[] rows =
        [
            new("u", "a", "rain", "lunch", 1), new("u", "c", "rain", "lunch", 1), new("u", "b", "sun", "lunch", 1), new("u", "c", "sun", "lunch", 1),
            new("u", "d", "sun", "lunch", 0), new("u", "e", "sun", "lunch", 1, Part.Test), new("v", "d", "sun", "lunch", 0),
        ];
        using SmallTable small = new(rows, s_items);
        var items = new ItemText(small.Table);
        var profile = new UserProfile(small.Table, TrainingClicks.Of(small.Table), new Persona(small.Table, items), top: 3);
        // Clicks a, c, b, c: noodle soup 3 of 4, coffee and dumplings 1 of 4.
        Assert.Equal("<|likes|> mostly noodle soup, often coffee, often dumplings", profile.Of(0));
        // Without c: noodle soup, dumplings, coffee 1 of 2 each, in alphabetical order.
        Assert.Equal("<|likes|> mostly coffee, mostly dumplings, mostly noodle soup", profile.Of(0, without: 1));
        Assert.Equal("", profile.Of(1));
    }

    [Fact]
    public void A_distinctive_phrase_is_frequent_here_and_rare_elsewhere()
    {
        using SmallTable small = new([.. "abcde".Select(i => new Shown("u", $"{i}", "rain", "lunch", 1))], s_items);
        var persona = new Persona(small.Table, new ItemText(small.Table));
        Dictionary<int, int> all = persona.Count([0, 1, 1, 1, 1, 2]);
        // Coffee is 2 of 3 here but 4 of 6 overall: it does not stand out. Noodle soup is 1 of 3 and 2 of 6 overall: neither. Dumplings here 1 of 3, overall 1 of 6.
        Assert.Equal("dumplings", persona.Distinctive(persona.Count([1, 1, 0]), 3, all, 6, top: 5));
    }

    [Fact]
    public void A_scene_value_is_said_as_it_will_be_embedded()
    {
        using SmallTable small = new([new("u", "a", "light rain", "lunch", 1)], s_items);
        var scenes = new SceneText(small.Table);
        Assert.Equal("the weather is light rain", scenes.Value(scenes.Fields[0], 0));
        Assert.Equal("<|weather|> the weather is light rain <|period|> it is lunch", scenes.Sentence(0, scenes.Fields));
        Assert.Equal("<|weather|> the weather is light rain <|period|> it is lunch <|clicked|> <|category|> noodle soup, dumplings",
            new BehaviourText(scenes, new ItemText(small.Table)).Of(0, 0, fields: 4, new Random(1)));
    }

    [Fact]
    public void Special_tokens_carry_words()
    {
        using SmallTable small = new([new("u", "a", "light rain", "lunch", 1)], s_items);
        IReadOnlyDictionary<string, string> tokens = SpecialTokens.Of(small.Table);
        Assert.Equal("weather", tokens["<|weather|>"]);
        Assert.Equal(["<|emb|>", "<|likes|>", "<|clicked|>", "<|shop|>", "<|weather|>", "<|period|>", "<|category|>", "<|name|>"], tokens.Keys);
        Assert.Equal(["<|category|>"], SpecialTokens.Targets(small.Table.Fields));
    }

    [Fact]
    public void A_larger_held_out_share_holds_all_that_a_smaller_one_holds()
    {
        string[] names = [.. Enumerable.Range(0, 2000).Select(i => $"item {i}")];
        bool[] few = HeldOut.Of(names, 0.05), many = HeldOut.Of(names, 0.2);
        Assert.InRange(few.Count(h => h), 70, 130);
        Assert.InRange(many.Count(h => h), 340, 460);
        Assert.All(few.Zip(many), p => Assert.True(!p.First || p.Second));
        Assert.DoesNotContain(true, HeldOut.Of(names[..HeldOut.FewestItems][1..], 1));
    }
}
