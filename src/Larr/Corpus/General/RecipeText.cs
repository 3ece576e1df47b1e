using System.Formats.Tar;
using System.IO.Compression;
using Larr.Runs;

namespace Larr.Corpus.General;

/// <summary>The public-domain recipes (Unlicense) as documents: the whole recipe, its ingredients, its tags, and dishes by tag.</summary>
public sealed class RecipeText(IReadOnlyList<Recipe> recipes, int seed)
{
    const string Source = "recipes";
    const int ListLength = 8;

    /// <summary>Reads every recipe of the .tar.gz archive, in the order of their paths.</summary>
    public static IReadOnlyList<Recipe> Read(string archive)
    {
        if (!File.Exists(archive)) throw new InputException(archive, "no such file; the archive of public-domain recipes is needed");
        var byPath = new SortedDictionary<string, Recipe>(StringComparer.Ordinal);
        using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".md", StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(entry.DataStream);
            if (Recipe.Parse(reader.ReadToEnd()) is { } recipe) byPath[entry.Name] = recipe;
        }
        return [.. byPath.Values];
    }

    /// <summary>All documents.</summary>
    public IEnumerable<Document> Documents() => recipes.SelectMany(Of).Concat(ByTag());

    static IEnumerable<Document> Of(Recipe r)
    {
        string introduction = r.Introduction.Length > 0 ? r.Introduction + " " : "";
        string ingredients = string.Join(", ", r.Ingredients);
        string tags = string.Join(", ", r.Tags);
        yield return Say($"{r.Title}. {introduction}Ingredients: {ingredients}. Directions: {string.Join(' ', r.Steps.Select(Ended))}");
        yield return Say($"How to make {r.Title}: {string.Join(' ', r.Steps.Select(Ended))}");
        yield return Say($"{r.Title} is made of {ingredients}.");
        if (introduction.Length > 0) yield return Say($"{r.Title}: {Ended(r.Introduction)}");
        if (tags.Length > 0) yield return Say($"{r.Title} is a dish: {tags}.");

        Document Say(string text) => new(Source, "recipe " + r.Title, text, Everyday: false);
    }

    IEnumerable<Document> ByTag()
    {
        var random = new Random(seed);
        foreach (var tag in recipes.SelectMany(r => r.Tags.Distinct().Select(t => (Tag: t, r.Title))).GroupBy(t => t.Tag, t => t.Title).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string[] titles = [.. tag];
            random.Shuffle(titles);
            foreach (string[] some in titles.Chunk(ListLength))
                yield return new(Source, "tag " + tag.Key, $"Dishes, {tag.Key}: {string.Join(", ", some)}.", Everyday: true);
        }
    }

    static string Ended(string step) => step[^1] is '.' or '!' or '?' or ':' ? step : step + ".";
}
