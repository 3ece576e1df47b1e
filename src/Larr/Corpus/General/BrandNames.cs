namespace Larr.Corpus.General;

/// <summary>Brand names of the Name Suggestion Index (BSD-3) in sentences, from the name to what is sold there and back.</summary>
public sealed class BrandNames(IReadOnlyList<Brand> brands, int seed)
{
    const string Source = "brands";
    const int ListLength = 8;

    /// <summary>All documents.</summary>
    public IEnumerable<Document> Documents() => brands.SelectMany(Of).Concat(Lists());

    static IEnumerable<Document> Of(Brand b)
    {
        string served = string.Join(" and ", b.Foods.Select(Food));
        string extras = (b.Takeaway ? " Takeaway is possible." : "") + (b.Delivery ? " It delivers." : "");
        yield return Say($"{b.Name} is a {b.Kind}{(served.Length > 0 ? " with " + served : "")}.{extras}");
        if (served.Length == 0) yield break;
        yield return Say($"At {b.Name} there is {served}.");
        yield return Say($"Who wants {served} goes to a {b.Kind} such as {b.Name}.");

        Document Say(string text) => new(Source, "brand " + b.Name, text, Everyday: false);
    }

    IEnumerable<Document> Lists()
    {
        var random = new Random(seed);
        var groups = brands.SelectMany(b => b.Foods.Select(f => (Title: $"{b.Kind} with {Food(f)}", b.Name)))
            .Concat(brands.Where(b => b.Foods.Count == 0).Select(b => (Title: b.Kind, b.Name)))
            .GroupBy(b => b.Title, b => b.Name).OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var group in groups)
        {
            string[] names = [.. group.Distinct()];
            random.Shuffle(names);
            foreach (string[] some in names.Chunk(ListLength))
                yield return new(Source, "list " + group.Key, $"{char.ToUpperInvariant(group.Key[0])}{group.Key[1..]}: {string.Join(", ", some)}.", Everyday: true);
        }
    }

    static string Food(string food) => Brand.IsCuisine(food) ? food + " food" : food;
}
