using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Larr.Corpus.General;

namespace Larr.Tests.Corpus.General;

public sealed class RecipeTextTests
{
    const string Curry = """
        ---
        title: "Fish Curry"
        tags: ['thai', 'main-dish']
        ---

        Best with [rice](https://example.org/rice).
        ![photo](/pix/curry.webp)

        - ⏲️ Prep time: 10 min

        ## Ingredients

        - 400g **fish** fillet
        - 1 onion

        ## Directions

        1. Fry the onion
        2. Add the fish.

        ## Notes

        Nothing.
        """;

    static Recipe Parsed => Recipe.Parse(Curry)!;

    [Fact]
    public void A_recipe_is_read_without_its_markup()
    {
        Assert.Equal("Fish Curry", Parsed.Title);
        Assert.Equal(["thai", "main dish"], Parsed.Tags);
        Assert.Equal("Best with rice.", Parsed.Introduction);
        Assert.Equal(["400g fish fillet", "1 onion"], Parsed.Ingredients);
        Assert.Equal(["Fry the onion", "Add the fish."], Parsed.Steps);
    }

    [Fact]
    public void A_file_without_lists_is_no_recipe() => Assert.Null(Recipe.Parse("---\ntitle: x\n---\ntext\n"));

    [Fact]
    public void Documents_tell_the_whole_the_steps_the_ingredients_and_the_tags() =>
        Assert.Equal(
            [
                "Fish Curry. Best with rice. Ingredients: 400g fish fillet, 1 onion. Directions: Fry the onion. Add the fish.",
                "How to make Fish Curry: Fry the onion. Add the fish.",
                "Fish Curry is made of 400g fish fillet, 1 onion.",
                "Fish Curry: Best with rice.",
                "Fish Curry is a dish: thai, main dish.",
                "Dishes, main dish: Fish Curry.",
                "Dishes, thai: Fish Curry.",
            ],
            new RecipeText([Parsed], 1).Documents().Select(d => d.Text));

    [Fact]
    public void The_archive_is_read_in_the_order_of_its_paths()
    {
        string archive = Path.GetTempFileName();
        try
        {
            using (var tar = new TarWriter(new GZipStream(File.Create(archive), CompressionLevel.Fastest)))
                foreach ((string name, string text) in (IEnumerable<(string, string)>)[("b.md", Curry.Replace("Fish", "Bean")), ("a.md", Curry), ("c.md", "no recipe"), ("LICENSE", Curry)])
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            Assert.Equal(["Fish Curry", "Bean Curry"], RecipeText.Read(archive).Select(r => r.Title));
        }
        finally { File.Delete(archive); }
    }
}
