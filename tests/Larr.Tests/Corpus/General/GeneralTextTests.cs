using Larr.Corpus.General;

namespace Larr.Tests.Corpus.General;

public sealed class GeneralTextTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string File(string name) => folder.At(name);

    IReadOnlyDictionary<string, GeneralTextCounts> Write(IEnumerable<Document> documents, int seed = 1) =>
        GeneralText.Write(documents, File("out.txt"), File("held.txt"), seed);

    [Fact]
    public void Documents_are_one_per_line_without_duplicates_and_are_counted_in_bytes()
    {
        GeneralTextCounts counts = Write([new("s", "a", "one\ntwo", true), new("s", "b", "one two", true), new("s", "c", "é", true)])["s"];
        Assert.Equal(new GeneralTextCounts(Documents: 2, Bytes: 8 + 3, HeldOutDocuments: 0, HeldOutBytes: 0, Duplicates: 1), counts);
        Assert.Equal(["one two", "é"], System.IO.File.ReadAllLines(File("out.txt")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Whole_topics_are_held_out_and_everyday_ones_never()
    {
        Write([.. Enumerable.Range(0, 3000).SelectMany(i => (Document[])[new("s", $"t{i}", $"t{i} first", i % 2 == 0), new("s", $"t{i}", $"t{i} second", i % 2 == 0)])]);
        string[] held = System.IO.File.ReadAllLines(File("held.txt"));
        Assert.InRange(held.Length, 2, 80);
        int[] topics = [.. held.Select(t => int.Parse(t.Split(' ')[0][1..]))];
        Assert.All(topics.GroupBy(t => t), t => Assert.Equal(2, t.Count()));
        Assert.All(topics, t => Assert.Equal(1, t % 2));
        Assert.Equal(6000 - held.Length, System.IO.File.ReadAllLines(File("out.txt")).Length);
    }

    [Fact]
    public void The_seed_alone_decides_the_order()
    {
        Document[] documents = [.. Enumerable.Range(0, 100).Select(i => new Document("s", $"{i}", $"text {i}", true))];
        string Order(int seed)
        {
            Write(documents, seed);
            return System.IO.File.ReadAllText(File("out.txt"));
        }
        string first = Order(1);
        Assert.Equal(first, Order(1));
        Assert.NotEqual(first, Order(2));
    }

    [Fact]
    public void The_real_recipes_and_brands_are_read_almost_whole()
    {
        string? data = Environment.GetEnvironmentVariable("LARR_DATA");
        if (data is null) Assert.Skip("needs LARR_DATA");
        Assert.InRange(RecipeText.Read(Path.Combine(data, "corpora", "recipes_en_publicdomain_md.tar.gz")).Count, 350, 420);
        Assert.InRange(Brand.Read(Path.Combine(data, "corpora", "nsi_food_brands.jsonl.gz")).Count, 4600, 4761);
    }

    [Fact]
    public void The_real_WordNet_says_that_breakfast_is_a_meal()
    {
        const string wordNet = "/usr/share/wordnet";
        if (!Directory.Exists(wordNet)) Assert.Skip("needs Debian's wordnet-base");
        Assert.Contains(new WordNetGlosses(new WordNet(wordNet), 1).Documents(), d => d.Text.StartsWith("breakfast: the first meal of the day (usually in the morning). It is a kind of meal.", StringComparison.Ordinal));
    }
}
